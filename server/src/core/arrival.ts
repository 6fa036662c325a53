import type { MailEvent } from "./event.ts";

/**
 * True of the one line in which an MTA says all of a message that it took: Exim's `<=`, Sendmail's `from=`, OpenSMTPD's
 * `smtp message`, Haraka's `message`, KumoMTA's reception. Postfix tells it in several, and its queue manager's `message`
 * comes again at every retry.
 */
export function tellsArrival({ event, process }: MailEvent): boolean {
  return event === "message" && (process === undefined || !(process.endsWith("qmgr") || process.endsWith("pickup")));
}

/** `queued`: Postfix's cleanup says it once of each message; others name an envelope of a message that was told before. */
export function tellsEnvelope({ event, to }: MailEvent): boolean {
  return event === "queued" && to !== undefined;
}

/** They log every delivery, but not that a message has left the queue. */
export const mtasWithoutEnd: ReadonlySet<string> = new Set(["haraka", "kumomta", "opensmtpd", "sendmail"]);
