import type { MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { queueIdLength } from "./queue-id.ts";
import { peerAfterFrom } from "./smtpd.ts";
import { putClient, readPeer } from "./text.ts";

/** `warning:`, `error:`, `fatal:` and `panic:` of any daemon; failed log-ins are told apart. */
export function readWarning(event: MailEvent, text: string): boolean {
  const level = levels.find((name) => text.startsWith(name));
  if (level === undefined) return false;
  // A header check's warning bears the session's facts: it is read as one.
  if (event.queueId !== undefined && checked.test(text)) return false;
  const rest = text.slice(level.length + 1);
  event.event = "warning";
  event.action = level.slice(0, -1);
  event.reason = rest;
  // Logged by daemons that have no message open but speak of one: the id stands within.
  const idLength = event.queueId === undefined ? queueIdLength(rest) : 0;
  if (idLength > 0) event.queueId = rest.slice(0, idLength);
  if (readLogin(event, rest)) return true;
  const unresolved = /^hostname (\S{1,255}) does not resolve to address (\S{1,45})/.exec(rest);
  if (unresolved !== null) {
    const ip = canonicalIp((unresolved[2] ?? "").replace(/:$/, ""));
    if (ip !== undefined) event.clientIp = ip;
    return true;
  }
  const file = event.queueId === undefined ? /^append file \w+ ([0-9A-Za-z]{6,24}): /.exec(rest)?.[1] : undefined;
  if (file !== undefined) event.queueId = file;
  const peer = peerAfterFrom(rest);
  if (peer !== undefined) putClient(event, peer);
  return true;
}

const levels = ["warning:", "error:", "fatal:", "panic:"] as const;
const checked = /^warning: (?:(?:mime |nested )?header|body) /;

/** `host[ip]: SASL LOGIN authentication failed: text, sasl_username=user`. */
function readLogin(event: MailEvent, text: string): boolean {
  const at = text.indexOf(": SASL ");
  if (at < 0 || at > 400) return false;
  const failed = text.indexOf(" authentication failed", at);
  if (failed < 0 || failed - at > 60) return false;
  const peer = readPeer(text, 0);
  if (peer === undefined) return false;
  event.event = "auth-failure";
  delete event.action;
  putClient(event, peer);
  event.saslMethod = text.slice(at + 7, failed);
  const user = text.lastIndexOf(", sasl_username=");
  if (user > failed) event.saslUsername = text.slice(user + 16);
  const said = text.slice(failed + 22, user > failed ? user : text.length).replace(/^: ?/, "");
  if (said === "") delete event.reason;
  else event.reason = said;
  return true;
}
