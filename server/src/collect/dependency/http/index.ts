import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "an address that begins with http:// or https://, without a password" })
    .refine((text) => new URL(text).password === "", "an address must not hold a password"),
  /** What answers count as well; 200 to 399 unless stated. */
  status: z.array(z.int().min(100).max(599)).min(1).optional(),
  /** A text that the first 64 KiB of the answer must hold. */
  contains: z.string().min(1).optional(),
  ...probeOptions,
});

/** Whether an address answers as it should. */
export const http = {
  type: "http",
  config,
  create: ({ url, status, contains, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "http",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        const answer = await ask(url, signal);
        try {
          const code = answer.statusCode ?? 0;
          const good = status === undefined ? code < 400 : status.includes(code);
          if (!good) throw new ProbeFailure(`answers ${code}`);
          if (contains !== undefined && !(await head(answer)).includes(contains))
            throw new ProbeFailure("the answer does not hold the expected text");
          return undefined;
        } finally {
          answer.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"http", typeof config>;

/** A connection of its own each time: what is kept open would hide that no new one can be made. */
async function ask(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  return new Promise((resolve, reject) => {
    request(url, { agent: false, signal, headers: { "user-agent": "mailtide" } }, resolve)
      .on("error", reject)
      .end();
  });
}

const mostBytes = 65_536;

async function head(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= mostBytes) break;
  }
  return Buffer.concat(parts).toString("utf8");
}
