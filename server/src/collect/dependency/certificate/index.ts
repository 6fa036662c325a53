import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { once } from "node:events";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { startTls } from "./start-tls.ts";

const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(25),
  /** `smtp`: TLS after STARTTLS (RFC 3207); `none`: TLS at once. */
  startTls: z.enum(["smtp", "none"]).default("smtp"),
  /** The name that the certificate must bear; `host` unless stated. */
  name: z.string().min(1).optional(),
  /** Fails when it ends sooner than this. */
  warnBefore: duration.default(14 * 86_400),
  ...probeOptions,
  every: duration.default(3_600),
  deadline: duration.default(10),
});

/** Whether the certificate that a server shows is valid, bears the right name and does not end soon. */
export const certificate = {
  type: "certificate",
  config,
  create: ({ host, port, startTls: how, name, warnBefore, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "certificate",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal, nowMs) {
        const servername = name ?? host;
        const plain = how === "smtp" ? await startTls(host, port, signal) : undefined;
        // Judged below, in words; a connection that is refused tells nothing of the date.
        const socket: TLSSocket = connect({
          ...(plain === undefined ? { host, port } : { socket: plain }),
          servername,
          rejectUnauthorized: false,
        });
        const cut = () => socket.destroy();
        signal.addEventListener("abort", cut, { once: true });
        try {
          await once(socket, "secureConnect");
          const shown = socket.getPeerCertificate();
          const details = { expiresInSeconds: secondsLeft(shown, nowMs) };
          const problem = problemOf(shown, socket.authorizationError, nowMs, warnBefore);
          if (problem !== null) throw new ProbeFailure(problem, details);
          return details;
        } finally {
          signal.removeEventListener("abort", cut);
          socket.destroy();
        }
      },
    }),
} as const satisfies DependencyPlugin<"certificate", typeof config>;

const secondsLeft = (shown: PeerCertificate, nowMs: number): number =>
  Math.round((Date.parse(shown.valid_to) - nowMs) / 1000);

function problemOf(shown: PeerCertificate, error: unknown, nowMs: number, warnSeconds: number): string | null {
  const left = secondsLeft(shown, nowMs);
  if (Number.isNaN(left)) return "shows no certificate";
  const day = new Date(nowMs + left * 1000).toISOString().slice(0, 10);
  if (left <= 0) return `the certificate ended on ${day}`;
  if (left < warnSeconds) return `the certificate ends on ${day}, in ${Math.floor(left / 86_400)} days`;
  if (error === null || error === undefined) return null;
  const code = error instanceof Error ? ((error as { code?: string }).code ?? error.message) : JSON.stringify(error);
  return `the certificate is not trusted: ${code.toLowerCase().replaceAll("_", " ").replaceAll('"', "")}`;
}
