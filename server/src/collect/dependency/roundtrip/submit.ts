import { readFileSync } from "node:fs";
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js";
import type { Secret } from "../../../config/secret.ts";
import { socketWords } from "../socket-words.ts";
import { greetsInTls } from "../speaks-tls.ts";
import { tlsWords } from "../tls-words.ts";
import { masked } from "./masked.ts";

/** How mail gets into the platform. */
export interface WayIn {
  readonly host: string;
  readonly port: number;
  readonly tls: "none" | "starttls" | "implicit";
  /** Whether the certificate must be valid and bear the host's name. */
  readonly verify: boolean;
  /** A file of certificates that sign the server's. */
  readonly ca?: string | undefined;
  readonly auth?: { readonly user: string; readonly password: Secret } | undefined;
  readonly helo: string;
}

/** The platform did not take the mail, in words; `unsure` when it may have, because its answer to the whole was not heard. */
export class Refused extends Error {
  readonly unsure: boolean;
  constructor(words: string, unsure: boolean) {
    super(words);
    this.unsure = unsure;
  }
}

/** Hands one mail over; resolves to the answer that took it, rejects with `Refused`. Nothing stays open. */
export async function submit(
  way: WayIn,
  envelope: { readonly from: string; readonly to: string },
  mail: string,
  signal: AbortSignal,
): Promise<string> {
  let step: Step = "connecting";
  let connection: SMTPConnection | null = null;
  let cut: (() => void) | undefined;
  try {
    const opened = new SMTPConnection(settings(way));
    connection = opened;
    const failed = new Promise<never>((_, reject) => {
      opened.on("error", reject);
      cut = () => reject(new Refused(`no answer while ${step}${greetingOf(way, step)}`, step === "handing it over"));
      signal.addEventListener("abort", cut, { once: true });
      if (signal.aborted) cut();
    });
    failed.catch(() => undefined);
    const during = async (name: Step, start: (done: (error?: unknown) => void) => void): Promise<void> => {
      step = name;
      await Promise.race([
        failed,
        new Promise<void>((resolve, reject) => start((error) => (error ? reject(error) : resolve()))),
      ]);
    };
    await during("connecting", (done) => opened.connect(done));
    const { auth } = way;
    // The library would send the password all the same.
    if (auth !== undefined && !opened.allowsAuth) throw new Refused("does not offer AUTH here", false);
    if (auth !== undefined)
      await during("signing in", (done) =>
        opened.login({ credentials: { user: auth.user, pass: auth.password.reveal() } }, done),
      );
    let response = "";
    await during("handing it over", (done) =>
      opened.send(envelope, mail, (error, info) => {
        if (error === null) ({ response } = info);
        done(error);
      }),
    );
    opened.quit();
    return response;
  } catch (error) {
    throw error instanceof Refused ? error : refusal(error, step);
  } finally {
    if (cut !== undefined) signal.removeEventListener("abort", cut);
    connection?.close();
  }
}

const greetingOf = ({ tls, port }: WayIn, step: Step): string =>
  step === "connecting" && tls !== "implicit" ? greetsInTls(port) : "";

type Step = "connecting" | "signing in" | "handing it over";

function settings({ host, port, tls, verify, ca, helo }: WayIn): SMTPConnection.Options {
  // Later than whoever calls, who says it in our words.
  const patienceMs = 120_000;
  return {
    host,
    port,
    name: helo,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    tls: { rejectUnauthorized: verify, ...(ca === undefined ? {} : { ca: readFileSync(ca) }) },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
  };
}

/** What the platform answered, and to what; else why it could not be asked. */
function refusal(error: unknown, step: Step): Refused {
  const { response = "", responseCode, command = "", code, originalCode, message = String(error) } = error as SmtpError;
  if (command === "STARTTLS" && /^50[02]/.test(response)) return new Refused("does not offer STARTTLS here", false);
  if (response !== "" && responseCode !== undefined)
    return new Refused(`refused at ${commands[command] ?? (command || step)}: ${masked(response)}`, false);
  const cause = originalCode ?? code ?? "";
  const said = tlsWords(Object.assign(error as SmtpError, { code: cause })) ?? socketWords[cause] ?? masked(message);
  // Once the mail may have been on its way, only an answer would tell that it was not taken.
  return new Refused(`${said} while ${step}`, step === "handing it over");
}

/** What the library says of a failure; `code` is its own, `originalCode` that of the system or of TLS. */
interface SmtpError {
  readonly response?: string;
  readonly responseCode?: number;
  readonly command?: string;
  readonly code?: string;
  readonly originalCode?: string;
  readonly message?: string;
}

const commands: Readonly<Record<string, string>> = { CONN: "the greeting", API: "the mail" };

/** The platform's id for the mail, where its answer names one. */
export function queueIdIn(response: string): string | null {
  return /(?:queued as|\bid=)\s*([\w-]{5,40})/i.exec(response)?.[1] ?? null;
}
