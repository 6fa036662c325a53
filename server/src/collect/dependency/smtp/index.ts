import { z } from "zod";
import { hostPort } from "../../../core/text/host-port.ts";
import { duration } from "../../../config/duration.ts";
import type { ProbeDetails } from "../../../core/observation.ts";
import type { DependencyPlugin } from "../../plugin.ts";
import { createProbe, ProbeFailure, probeOptions } from "../probe.ts";
import { greetsInTls } from "../speaks-tls.ts";
import { tlsWords } from "../tls-words.ts";
import { Dialogue, StepRefused } from "./dialogue.ts";

const address = z.string().regex(/^[^\s<>@]{1,64}@[^\s<>@]{1,253}$/, "not an address such as probe@example.org");
const config = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(25),
  /** `starttls`: must be offered and work; `implicit`: TLS at once; `none`. */
  tls: z.enum(["none", "starttls", "implicit"]).default("none"),
  /** Whether its certificate must be trusted and bear the name of the host. */
  verify: z.boolean().default(false),
  /** LMTP in place of SMTP (RFC 2033): greets with LHLO. */
  lmtp: z.boolean().default(false),
  /** The name that we greet with. */
  helo: z
    .string()
    .regex(/^[\w.[\]:-]+$/, "not a host name")
    .default("mailtide.invalid"),
  /** Asked whether mail for it would be taken; no mail is sent. */
  recipient: address.optional(),
  /** The sender of that question. */
  sender: z.union([z.literal(""), address]).default(""),
  ...probeOptions,
  deadline: duration.default(10),
});
type Options = z.infer<typeof config>;

/** Talks to a hop as a mail server would, up to the message itself, and leaves: whether it would take mail now. */
export const smtp = {
  type: "smtp",
  config,
  create: (options, { id }) =>
    createProbe({
      id,
      type: "smtp",
      everySeconds: options.every,
      deadlineSeconds: options.deadline,
      required: options.required,
      at: hostPort(options.host, options.port),
      attempt: (signal, _, doing) => talk(options, signal, doing),
    }),
} as const satisfies DependencyPlugin<"smtp", typeof config>;

async function talk(options: Options, signal: AbortSignal, doing: (step: string) => void): Promise<ProbeDetails> {
  const { host, port, tls, verify, helo, recipient, sender } = options;
  const greet = options.lmtp ? "LHLO" : "EHLO";
  const seen: { -readonly [Key in keyof ProbeDetails]: ProbeDetails[Key] } = {};
  const startedMs = performance.now();
  let dialogue: Dialogue | null = null;
  try {
    doing("connecting");
    const opened = await Dialogue.open({ host, port, verify, implicit: tls === "implicit" }, signal);
    dialogue = opened;
    seen.connectSeconds = since(startedMs);
    const step = async (name: string, line: string | null) => {
      doing(name);
      return opened.step(name, line);
    };
    const greeting = `the greeting${tls === "implicit" ? "" : greetsInTls(port)}`;
    seen.greetingSeconds = (await step(greeting, null)).seconds;
    const hello = await step(greet, `${greet} ${helo}`);
    if (tls === "starttls") {
      const fromMs = performance.now();
      if (!hello.lines.some((line) => /^STARTTLS\s*$/i.test(line))) throw new Error("offers no STARTTLS");
      await step("STARTTLS", "STARTTLS");
      doing("TLS");
      await opened.secure({ host, verify });
      seen.tlsSeconds = since(fromMs);
      await step(`${greet} in TLS`, `${greet} ${helo}`);
    }
    if (recipient !== undefined) {
      const fromMs = performance.now();
      await step("MAIL FROM", `MAIL FROM:<${sender}>`);
      await step("RCPT TO", `RCPT TO:<${recipient}>`);
      seen.recipientSeconds = since(fromMs);
      await step("RSET", "RSET");
    }
    // Said, and not waited for: it has answered all that was asked.
    void opened.step("QUIT", "QUIT").catch(() => undefined);
    return seen;
  } catch (error) {
    throw failure(error, seen);
  } finally {
    dialogue?.close();
  }
}

const since = (fromMs: number): number => (performance.now() - fromMs) / 1000;

/** What was seen before it failed is worth telling; what refuses only for now is said so. */
function failure(error: unknown, seen: ProbeDetails): unknown {
  if (error instanceof StepRefused) return new ProbeFailure(error.message, seen);
  const { code, message } = error as { code?: unknown; message?: unknown };
  const words = tlsWords(error);
  if (words !== null) return new ProbeFailure(words, seen, { cause: error });
  if (typeof code === "string") return error;
  return new ProbeFailure(typeof message === "string" ? message : String(error), seen);
}
