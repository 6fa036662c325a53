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
export function refusesMessage({ event, stage = "", action, reason = "", process }: MailEvent): boolean {
  // Sendmail names each recipient of what it refused, after the reason, and what a rule for headers refused itself.
  if (event === "other" || event === "message") return action === "refused";
  // The queue manager says it of a file that is damaged, whose message was taken.
  if (event === "warning") return notTaken.test(reason) && process?.endsWith("qmgr") !== true;
  return (
    /^(?:END-OF-|.*\b(?:header|body)$|mime-error$)/.test(stage) || (stage === "DATA" && action === "milter-reject")
  );
}
/** What Postfix's cleanup and smtpd do not take for reasons of their own: too many hops, too big, no space, a look-up that fails. */
const notTaken =
  /^\w{1,40}: (?:message rejected: |write queue file: |queue file size limit exceeded$|.*message not accepted, try again later$)/;

/**
 * Of Postfix's access(5), header_checks(5) and milters, and of Sendmail's: whomever the line names, nobody gets the message,
 * and none says that it has left.
 */
export function discardsMessage({ event, status, action }: MailEvent): boolean {
  return event === "delivery" && status === "discarded" && action?.endsWith("discard") === true;
}

/** From now on, or from its arrival on, the message waits for an operator. */
export function tellsHold({ event, action, reason = "" }: MailEvent): boolean {
  if (event === "warning") return putAside.test(reason);
  return action !== undefined && holds.has(action);
}
/** What Postfix's queue manager cannot read it leaves for an operator. */
const putAside = /^saving corrupt file "/;
/** Postfix's access(5), header_checks(5), milter_header_checks, milters and postsuper(1); Exim; Sendmail. */
const holds: ReadonlySet<string> = new Set(["hold", "milter-hold", "milter-header-hold", "frozen", "quarantined"]);

/** `queued`: Postfix's cleanup says it once of each message; others name an envelope of a message that was told before. */
export function tellsEnvelope({ event, to }: MailEvent): boolean {
  return event === "queued" && to !== undefined;
}

/**
 * They have queues that are listed apart and stand in the same log: Sendmail one for what users hand over, Exim named ones, into
 * which an ACL may put mail as it comes.
 */
export const mtasOfTwoQueues: ReadonlySet<string> = new Set(["exim", "sendmail"]);

/** What an administrator of Exim does with a message: into a named queue, or back (exim -MG). */
export const namedQueue = "named queue";
export const defaultQueue = "default queue";

/** They log every delivery, but not that a message has left the queue. */
export const mtasWithoutEnd: ReadonlySet<string> = new Set(["haraka", "kumomta", "opensmtpd", "sendmail"]);
