import type { MailEvent } from "../../../core/event.ts";
import { putHop, wholePort, type HarakaMemory } from "./memory.ts";
import { putSaid } from "./said.ts";

/** What an outbound delivery came to (Haraka `outbound/hmail.js`), and what came in its way before. */
export function readOutbound(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  const deferred = /^Temp failing \S+ for \d{1,9} seconds: ?(.*)$/.exec(text);
  const bounced = deferred === null ? /^(?:bounce|Bouncing mail|bounced)\S*:? (.*)$/i.exec(text) : null;
  if (deferred === null && bounced === null) {
    if (/^plugin responded with: \d{1,4}\. Not deferring\. Deleting mail\.$/.test(text))
      discard(event, text, id, memory);
    else if (!readRecipient(event, text, id, memory)) readObstacle(event, text, id, memory);
    return;
  }
  event.event = "delivery";
  event.status = deferred === null ? "bounced" : "deferred";
  const said = deferred?.[1] ?? bounced?.[1] ?? "";
  const recipients = listOf(said);
  if (deferred !== null && recipients.length > 0) memory.putOff(id, recipients.length);
  const cause = memory.takeCause(event, causeOf(id, said, recipients));
  const [first] = recipients;
  if (recipients.length > 1 || event.status === "deferred") putRecipients(event, recipients);
  // Who is put off may be sent to later, in a line that counts recipients and names none: so they are not named yet.
  if (event.status === "bounced") {
    if (first !== undefined) event.to = first;
    else putDestination(event, id, memory);
  }
  putSaid(event, cause === undefined ? said : recipients.length > 0 ? cause : `${said}: ${cause}`);
  // Which host answered is not logged: whom it was for stands for it.
  const domain = event.code === undefined || event.relay !== undefined ? undefined : memory.destination(id)?.domain;
  if (domain !== undefined) event.relay = domain;
}

/** Instead of another try, as a plugin will have it (`hook_deferred`). */
function discard(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  event.event = "delivery";
  event.status = "discarded";
  memory.takeCause(event, id);
  putDestination(event, id, memory);
  event.reason = text;
}

/** What keeps some recipients off is no cause for those that are refused, and none of it for those that are served. */
function causeOf(id: string, said: string, recipients: readonly string[]): string {
  if (recipients.length === 0) return id;
  return said.includes("Some recipients temp failed: ") ? `${id} deferred` : `${id} rejected`;
}

function putRecipients(event: MailEvent, recipients: string[]): void {
  if (recipients.length > 0) event.recipients = recipients;
}

function putDestination(event: MailEvent, id: string, memory: HarakaMemory): void {
  const destination = memory.destination(id);
  if (destination === undefined) return;
  event.to = `@${destination.domain}`;
  event.nrcpt = destination.recipients;
}

/** `Some recipients temp failed: <a@b>, <c@b>`, at the end `Too many failures (Some ...)`. */
function listOf(said: string): string[] {
  const list = /^(?:Too many failures \()?Some recipients (?:temp )?failed: (<.*>)\)?$/.exec(said)?.[1];
  return list === undefined ? [] : list.slice(1, -1).split(">, <", mostRecipients);
}

/** `recipient <a@b> deferred: reason`: the line of the whole attempt follows. */
function readRecipient(event: MailEvent, text: string, id: string, memory: HarakaMemory): boolean {
  const found = /^recipient (?:<(.{1,320}?)>|([^\s<>]{1,320})) (deferred|rejected): (.*)$/.exec(text);
  if (found === null) return false;
  const [, address, bare, what = "", said = ""] = found;
  const to = address ?? bare ?? "";
  event.to = to;
  event.action = `recipient ${what}`;
  putSaid(event, said);
  memory.cause(`${id} ${what}`, said, to.slice(to.lastIndexOf("@") + 1));
  return true;
}

/** A hop that is not reached, or goes away; the next is tried. */
function readObstacle(event: MailEvent, text: string, id: string, memory: HarakaMemory): void {
  for (const obstacle of obstacles) {
    const found = obstacle.exec(text);
    if (found === null) continue;
    event.action = hopFailed;
    event.reason = text;
    const { host, port } = found.groups ?? {};
    if (host !== undefined) putHop(event, host, wholePort(port));
    memory.cause(id, text, host, port);
    return;
  }
}

export const hopFailed = "next hop failed";
const obstacles = [
  /^Failed to get (?:socket|pool entry): (?:(?:connect E[A-Z]{3,20}|Outbound connection timed out to) (?<host>[0-9A-Fa-f.:]{2,45}):(?<port>\d{1,5})(?: |$|,))?/,
  /^Ongoing connection failed to (?<host>\S{1,255}):(?<port>\d{1,5}) : /,
  /^Remote end (?<host>\S{1,255}):(?<port>\d{1,5}) closed connection /,
];
const mostRecipients = 1_000;
