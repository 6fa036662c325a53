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
        const answer = await fetch(url, { signal, redirect: "manual" }).catch((error: unknown) => {
          // fetch hides the reason one level down.
          throw (error as { cause?: unknown }).cause ?? error;
        });
        try {
          const good = status === undefined ? answer.status < 400 : status.includes(answer.status);
          if (!good) throw new ProbeFailure(`answers ${answer.status}`);
          if (contains !== undefined && !(await head(answer)).includes(contains))
            throw new ProbeFailure("the answer does not hold the expected text");
          return undefined;
        } finally {
          await answer.body?.cancel().catch(() => undefined);
        }
      },
    }),
} as const satisfies DependencyPlugin<"http", typeof config>;

const mostBytes = 65_536;

async function head(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return "";
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < mostBytes) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
  }
  reader.releaseLock();
  return Buffer.concat(parts).toString("utf8");
}
