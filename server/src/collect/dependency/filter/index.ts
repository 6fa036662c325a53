import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { z } from "zod";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  /** clamd and spamd answer a ping in their own protocol, rspamd one over HTTP (clamd(8), spamd's PROTOCOL, rspamd's /ping). */
  kind: z.enum(["clamd", "spamd", "rspamd"]),
  host: z.string().min(1).optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** A local socket in place of host and port. */
  socket: z.string().startsWith("/").optional(),
  ...probeOptions,
});

const kinds = {
  clamd: { port: 3310, ask: "zPING\0", answer: /^PONG\0?$/u },
  spamd: { port: 783, ask: "PING SPAMC/1.2\r\n\r\n", answer: /^SPAMD\/[\d.]+ 0 PONG\r?\n/u },
  rspamd: { port: 11_333, ask: "GET /ping HTTP/1.0\r\n\r\n", answer: /^HTTP\/1\.\d 200 [^]*\r\n\r\npong/u },
} as const;

/** Whether a content filter answers its ping. */
export const filter = {
  type: "filter",
  config,
  create: ({ kind, host = "127.0.0.1", port, socket: path, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "filter",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        const { ask, answer, port: usual } = kinds[kind];
        const socket = connect(path === undefined ? { host, port: port ?? usual, signal } : { path, signal });
        try {
          await once(socket, "connect");
          socket.write(ask);
          const said = await all(socket, signal, answer);
          if (!answer.test(said))
            throw new ProbeFailure(`answers "${said.slice(0, 60).replace(/\s+/gu, " ").trim()}" to a ping`);
          return undefined;
        } finally {
          socket.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"filter", typeof config>;

const mostCharacters = 4_096;

/** Reads until the answer is whole, the other side ends, or it is too long to be one. */
async function all(socket: Socket, signal: AbortSignal, whole: RegExp): Promise<string> {
  let text = "";
  const ended = once(socket, "end", { signal }).then(() => null);
  ended.catch(() => undefined);
  while (!whole.test(text) && text.length < mostCharacters) {
    const chunk = await Promise.race([once(socket, "data", { signal }) as Promise<[Buffer]>, ended]);
    if (chunk === null) break;
    text += chunk[0].toString("latin1");
  }
  return text;
}
