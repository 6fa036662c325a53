import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import { z } from "zod";
import { duration } from "../../../config/duration.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";

const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(25),
  /** `starttls`: must be offered and work; `implicit`: TLS at once; `none`. Certificates are another probe's business. */
  tls: z.enum(["none", "starttls", "implicit"]).default("none"),
  /** The name that we greet with. */
  helo: z.string().min(1).default("mailtide.invalid"),
  ...probeOptions,
  deadline: duration.default(10),
});

/** Connects to a hop, greets it and leaves: whether it would talk to us now, and how long that takes. */
export const smtp = {
  type: "smtp",
  config,
  create: ({ host, port, tls, helo, every, deadline, required }, { id }) =>
    createProbe({
      id,
      type: "smtp",
      everySeconds: every,
      deadlineSeconds: deadline,
      required,
      async attempt(signal) {
        // Later than our own deadline, which says it in our words.
        const patienceMs = deadline * 1000 + 1000;
        const connection = new SMTPConnection({
          host,
          port,
          name: helo,
          secure: tls === "implicit",
          requireTLS: tls === "starttls",
          ignoreTLS: tls === "none",
          tls: { rejectUnauthorized: false },
          connectionTimeout: patienceMs,
          greetingTimeout: patienceMs,
          socketTimeout: patienceMs,
        });
        const cut = () => connection.close();
        signal.addEventListener("abort", cut, { once: true });
        try {
          await new Promise<void>((resolve, reject) => {
            connection.once("error", (error: unknown) => reject(saidBy(error)));
            connection.connect((error?: unknown) => (error ? reject(saidBy(error)) : resolve()));
          });
          connection.quit();
          return undefined;
        } finally {
          signal.removeEventListener("abort", cut);
          connection.close();
        }
      },
    }),
} as const satisfies DependencyPlugin<"smtp", typeof config>;

/** What the hop answered says more than the library's word for it. */
function saidBy(error: unknown): Error {
  const { response, code, message } = error as { response?: string; code?: string; message?: string };
  if (response !== undefined && response !== "")
    return new ProbeFailure(`says ${response.trim().slice(0, 200)}`, undefined, { cause: error });
  const known = /ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND/u.exec(message ?? "")?.[0];
  if (known !== undefined) return Object.assign(new Error(message), { code: known });
  return new ProbeFailure(message ?? code ?? "failed", undefined, { cause: error });
}
