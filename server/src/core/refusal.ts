import type { Attribution, RefusalFault } from "@mailtide/shared";
import type { MailEvent } from "./event.ts";
import { attribute } from "./model/attribution.ts";
import { compileHops, hopOf } from "./model/hops.ts";
import { classifyReason } from "./model/reason.ts";

/** Whose wait at the sender follows a refusal for now; undefined where nobody is to come again. */
export const attributionOfRefusal = (event: MailEvent): Attribution | undefined =>
  isTemporary(event) ? ofRefusal(event) : undefined;

/** What of ours is at fault: a milter, a look-up, what the host lacks (space, processes, sound settings), or who vouches for an address. */
export function faultOfRefusal(event: MailEvent): RefusalFault | null {
  // The same session goes on to what counts, or never meant to bring mail.
  if (beforeMail.test(event.stage ?? "")) return null;
  if (attributionOfRefusal(event) !== "own") return null;
  if (event.action === "milter-reject" || filterIsAway(event)) return "filter";
  const { reason = "", dsn } = event;
  if (reason.includes("unverified address: ")) return "verification";
  return classifyReason(reason, dsn) === "lookup" ? "lookup" : "resources";
}

/** A postscreen test, greylisting or a limit is our policy; a look-up or a disk that fails is our fault. */
function ofRefusal(event: MailEvent): Attribution {
  const reason = event.reason ?? "";
  // What postscreen(8) says while it tests a client sounds like a fault and is none.
  if (event.process?.endsWith("postscreen") === true) return "policy";
  // Asked about an address, the host that is responsible for it did not answer.
  const unverified = reason.indexOf("unverified address: ");
  if (unverified >= 0) {
    const said = reason.slice(unverified + 20);
    // Nobody was asked to the end yet.
    if (said === "Address verification in progress") return "policy";
    return attribute(said, undefined, hopOf({ event: "delivery", reason: said }), hops);
  }
  // A milter of ours that is away or cannot decide: one that has a reason says another.
  if (event.action === "milter-reject" && reason === milterFailed) return "own";
  if (filterIsAway(event)) return "own";
  const cause = classifyReason(reason, event.dsn);
  if (cause === "local-resource" || cause === "lookup") return "own";
  return cause === "mailbox-full" ? "recipient" : "policy";
}

/** Greylisting and postscreen(8): who comes again is let in, so that nothing of ours is waited for. */
export const isChosenPause = (event: MailEvent): boolean =>
  event.process?.endsWith("postscreen") === true ||
  // rspamd's greylisting, unless it was told to say something else.
  (event.action === "milter-reject" && event.reason === "Try again later") ||
  classifyReason(event.reason ?? "", event.dsn) === "greylist";

/** Refused for now. */
export function isTemporary({ code, dsn, action, process }: MailEvent): boolean {
  if (code !== undefined) return code < 500;
  // Without a code postscreen(8) speaks of places that are all taken: 421.
  if (process?.endsWith("postscreen") === true) return true;
  return dsn?.startsWith("4") === true || (action !== undefined && putOff.test(action));
}

/** Exim's words, and Haraka's: `rcpt PLUGIN temporarily`, `DENYSOFT`. */
const putOff = /(?:^| )temporarily(?: |$)|^DENYSOFT/;
const beforeMail = /^(?:CONNECT|EHLO|HELO)$/;
/** Exim could not ask what is to look at the content; a plugin of Haraka's did not say what it thinks (`plugin_timeout`). */
const filterIsAway = ({ reason = "" }: MailEvent): boolean =>
  reason === "plugin timeout" || /^(?:malware|spam) acl condition: /.test(reason);
const milterFailed = "Service unavailable - try again later";
const hops = compileHops();
