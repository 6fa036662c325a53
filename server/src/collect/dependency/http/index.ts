import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { hostPortOf } from "../../../core/text/host-port.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { speaksTls } from "../speaks-tls.ts";

const config = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: "an address that begins with http:// or https://, without a password" })
      .refine((text) => new URL(text).password === "", "an address must not hold a password"),
    /** What answers count as well; 200 to 399 unless stated. Redirects are not followed. */
    status: z.array(z.int().min(100).max(599)).min(1).optional(),
    /** A text that the first 64 KiB of the answer must hold. */
    contains: z.string().min(1).optional(),
    /** A file of certificates that sign the server's, besides those that the system knows. */
    ca: z.string().min(1).optional(),
    ...probeOptions,
  })
  .refine(({ url, ca }) => ca === undefined || url.startsWith("https:"), {
    path: ["ca"],
    message: "is of an https address: http has no certificate",
  });

/** Whether an address answers as it should. */
export const http = {
  type: "http",
  config,
  create: ({ url, status, contains, ca, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "http",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      at: hostPortOf(new URL(url)),
      async attempt(signal, _nowMs, doing) {
        const authorities = ca === undefined ? undefined : await readFile(ca, { encoding: "utf8", signal });
        doing("the answer");
        const answer = await ask(url, authorities, signal).catch(async (error: unknown) => {
          if ((error as { code?: unknown }).code !== "ECONNRESET") throw error;
          throw (await wantsTls(url, signal)) ?? error;
        });
        try {
          const code = answer.statusCode ?? 0;
          const good = status === undefined ? code < 400 : status.includes(code);
          // Some hang up on what comes in clear, others answer it once in clear (nginx' 497, which it sends as 400).
          const wants = good || code !== 400 ? null : await wantsTls(url, signal);
          if (!good) throw wants ?? new ProbeFailure(`answers ${code}${whereTo(answer)}`);
          if (contains === undefined) return undefined;
          doing("the rest of the answer");
          if (!(await head(answer)).includes(contains))
            throw new ProbeFailure("the answer does not hold the expected text");
          return undefined;
        } finally {
          answer.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"http", typeof config>;

/** A connection of its own each time: what is kept open would hide that no new one can be made. */
async function ask(url: string, ca: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const options = { agent: false, signal, headers: { "user-agent": "mailtide" } } as const;
  if (!url.startsWith("https:")) {
    const { request } = await import("node:http");
    return new Promise((resolve, reject) => request(url, options, resolve).on("error", reject).end());
  }
  const { request } = await import("node:https");
  const trusting = ca === undefined ? options : { ...options, ca };
  return new Promise((resolve, reject) => request(url, trusting, resolve).on("error", reject).end());
}

/** Why an http:// address does not answer as it should; null where that is not for TLS. */
async function wantsTls(url: string, signal: AbortSignal): Promise<ProbeFailure | null> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "http:") return null;
  const isSo = await speaksTls(hostname.replace(/^\[|\]$/gu, ""), Number(port || 80), signal);
  return isSo ? new ProbeFailure("wants TLS: https:// in place of http://") : null;
}

/** Where a redirect leads, without what may be secret in its query. */
function whereTo({ headers: { location } }: IncomingMessage): string {
  return location === undefined ? "" : `, which leads to ${location.split(/[?#]/u)[0]?.slice(0, 100) ?? ""}`;
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
