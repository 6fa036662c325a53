import type { MailEvent } from "./event.ts";

/**
 * True of the one line in which an MTA says all of a message that it took: Exim's `<=`, Sendmail's `from=`, OpenSMTPD's
 * `smtp message`, Haraka's `message`, KumoMTA's reception. Postfix tells it in several, and its queue manager's `message`
 * comes again at every retry.
 */
export function tellsArrival(said: MailEvent): boolean {
  const { event, process } = said;
  if (event !== "message" || tellsAbort(said)) return false;
  return process === undefined || !(process.endsWith("qmgr") || process.endsWith("pickup"));
}

/** Sendmail says `from=` also of what no message came of: every recipient was refused, or the client reset or left. */
export function tellsAbort({ event, action }: MailEvent): boolean {
  return event === "message" && action === "aborted";
}

/**
 * The message as a whole is refused, at its end: nobody took it. A recipient's refusal says nothing of the message, and
 * a milter's at DATA is Sendmail's word for all of it.
 */
export function refusesMessage({ event, stage = "", action }: MailEvent): boolean {
  // Sendmail names each recipient of what it refused, after the reason, and what a rule for headers refused itself.
  if (event === "other" || event === "message") return action === "refused";
  return /^(?:END-OF-|.*\b(?:header|body)$)/.test(stage) || (stage === "DATA" && action === "milter-reject");
}

/** `queued`: Postfix's cleanup says it once of each message; others name an envelope of a message that was told before. */
export function tellsEnvelope({ event, to }: MailEvent): boolean {
  return event === "queued" && to !== undefined;
}

/** What users hand over waits in a queue that is listed apart, and stands in the same log. */
export const mtasOfTwoQueues: ReadonlySet<string> = new Set(["sendmail"]);

/** They log every delivery, but not that a message has left the queue. */
export const mtasWithoutEnd: ReadonlySet<string> = new Set(["haraka", "kumomta", "opensmtpd", "sendmail"]);
