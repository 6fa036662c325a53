import type { MailEvent } from "../../../core/event.ts";
import { putVerb } from "./smtpd.ts";
import { putClient, putReply, readPeer, readSession } from "./text.ts";

/**
 * cleanup's header and body checks:
 * `reject: header Subject: anything from host[ip]; from=<a> to=<b> proto=ESMTP helo=<c>: 5.7.1 text`; those of headers that a
 * milter added begin with `milter-header-reject: header`, mail that breaks MIME with `reject: mime-error`, and that with
 * characters that message_reject_characters names with `reject: content`.
 * The quoted header was chosen by the sender, so the true facts are the last that look so.
 */
export function readCleanup(event: MailEvent, text: string): boolean {
  const match = check.exec(text);
  if (match === null) return false;
  const [whole, milter, milters = "", own = "", part = ""] = match;
  const verb = milter === undefined ? own : milters;
  putVerb(event, verb === "warning" ? "warn" : verb);
  if (milter !== undefined) event.action = `${milter}${verb}`;
  event.stage = part;
  const facts = lastFacts(text);
  if (facts < 0) return true;
  const from = text.lastIndexOf(" from ", facts);
  const peer = from < whole.length - 1 ? undefined : readPeer(text, from + 6);
  if (peer !== undefined) putClient(event, peer);
  const end = readSession(event, text, facts);
  if (text.startsWith(": ", end)) putReply(event, text, end + 2, text.length);
  return true;
}

const check =
  /^(?:(milter-(?:header|body)-)([a-z_]{1,20})|(reject|warn|warning|discard|hold|filter|redirect|bcc|prepend|replace|info|strip|delay|pass)): ((?:mime |nested )?header|body|content|mime-error) /;

/** The last that is no part of those before it. */
function lastFacts(text: string): number {
  return Math.max(...["; from=<", "; to=<", "; proto=", "; helo=<"].map((mark) => text.lastIndexOf(mark)));
}
