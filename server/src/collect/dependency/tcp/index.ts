import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { z } from "zod";
import { hostPort } from "../../../core/text/host-port.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** What the server says first, by itself, such as "220" or "* OK": the system accepts connections for one that hangs. */
  greets: z.string().min(1).max(200).optional(),
  ...probeOptions,
});

/** Whether something accepts connections, and greets where it should. */
export const tcp = {
  type: "tcp",
  config,
  create: ({ host, port, greets, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "tcp",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: hostPort(host, port),
      async attempt(signal, _nowMs, doing) {
        doing("connecting");
        const socket = connect({ host, port, signal });
        try {
          await once(socket, "connect");
          if (greets === undefined) return undefined;
          doing("the greeting");
          const said = await greeting(socket, greets.length, signal);
          if (!said.startsWith(greets)) throw new ProbeFailure(`greets with "${said.trim().slice(0, 60)}"`);
          return undefined;
        } finally {
          socket.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"tcp", typeof config>;

/** As much of it as is compared, and the rest of what came with it. */
async function greeting(socket: Socket, characters: number, signal: AbortSignal): Promise<string> {
  let text = "";
  const ended = once(socket, "end", { signal }).then(() => null);
  ended.catch(() => undefined);
  while (text.length < characters) {
    const chunk = await Promise.race([once(socket, "data", { signal }) as Promise<[Buffer]>, ended]);
    if (chunk === null) break;
    text += chunk[0].toString("utf8");
  }
  return text;
}
