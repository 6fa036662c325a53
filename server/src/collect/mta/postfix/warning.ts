import type { MailEvent } from "../../../core/event.ts";
import { unsay } from "../../blank-event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { queueIdLength } from "./queue-id.ts";
import { putNamedPeer } from "./rest.ts";
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
  const unresolved = unverified.exec(rest);
  if (unresolved !== null) {
    const ip = canonicalIp((unresolved[1] ?? unresolved[2] ?? "").replace(/:$/, ""));
    if (ip !== undefined) event.clientIp = ip;
    return true;
  }
  const file = event.queueId === undefined ? queueFile.exec(rest) : null;
  if (file !== null) event.queueId = file[1] ?? file[2] ?? file[3] ?? file[4] ?? "";
  putNamedPeer(event, rest);
  return true;
}

/** A name that its address does not bear out; older releases put the address first, and some their function before it. */
const unverified =
  /^hostname \S{1,255} does not resolve to address (\S{1,45})|^(?:smtpd_peer_init: )?([0-9A-Fa-f.:]{2,45}): (?:hostname \S{1,255} verification failed|address not listed for hostname)/;
/**
 * `append file deferred 6F7D621606C: ...`, `saving corrupt file "6F7D621606C" from queue "active" to queue "corrupt"`,
 * `update queue file active/6F7D621606C: ...`.
 */
const queueFile =
  /^(?:(?:append file|seek file|lock file|open|update queue file) (?:incoming|active|deferred|hold|defer|bounce|trace)|\w+: save corrupt file queue \w+ id) ([0-9A-Za-z]{6,24}): |^saving corrupt file "([0-9A-Za-z]{6,24})" from queue |^\w+: remove ([0-9A-Za-z]{6,24}) from \w+: |^(?:update queue file )?(?:incoming|active|deferred|hold)\/(?:[0-9A-F]\/){0,4}([0-9A-Za-z]{6,24}): /;

/** The log-in failed before it came to a name. */
const unsaid = "(unavailable)";
const levels = ["warning:", "error:", "fatal:", "panic:"] as const;
const checked = /^warning: (?:(?:mime |nested )?header|body) /;

/** `host[ip]: SASL LOGIN authentication failed: text, sasl_username=user`. */
function readLogin(event: MailEvent, text: string): boolean {
  const at = text.indexOf(": SASL ");
  if (at < 0 || at > 400) return false;
  const failed = text.indexOf(" authentication ", at);
  if (failed < 0 || failed - at > 60 || !/^(?:failed|aborted)/.test(text.slice(failed + 16, failed + 23))) return false;
  const peer = readPeer(text, 0);
  if (peer === undefined) return false;
  event.event = "auth-failure";
  unsay(event, "action");
  putClient(event, peer);
  event.saslMethod = text.slice(at + 7, failed);
  const user = text.lastIndexOf(", sasl_username=");
  if (user > failed && text.slice(user + 16) !== unsaid) event.saslUsername = text.slice(user + 16);
  const said = text.slice(failed + 16, user > failed ? user : text.length).replace(/^(?:failed|aborted)(?:: ?)?/, "");
  if (said === "") unsay(event, "reason");
  else event.reason = said;
  return true;
}
