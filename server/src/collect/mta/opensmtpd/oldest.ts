import type { DeliveryStatus, MailEvent } from "../../../core/event.ts";
import { canonicalIp } from "../../syslog/ip.ts";
import { seconds } from "../exim/fields.ts";
import { nextQueueId } from "../postfix/delivery.ts";
import { readDsnEnd } from "../postfix/text.ts";

/**
 * What OpenSMTPD logged before 5.3 (smtp_session.c, mta_session.c and mda.c of 2012), as Sendmail does: `MSGID: from=<a>, size=1, nrcpts=1,
 * proto=ESMTP, relay=NAME [IP]`, `EVPID: to=<b>, delay=2s, relay=NAME [IP], stat=Sent (text)`. What it is, or undefined.
 */
export function readOldest(event: MailEvent, body: string): string | undefined {
  const arrived = arrival.exec(body);
  if (arrived !== null) {
    const [, msgid = "", from = "", size, count, proto = "", name = "", ip = ""] = arrived;
    Object.assign(event, { event: "message", queueId: msgid, from, size: Number(size), nrcpt: Number(count), proto });
    event.clientName = name;
    const address = canonicalIp(ip);
    if (address !== undefined) event.clientIp = address;
    return "smtp message";
  }
  const delivered = delivery.exec(body);
  if (delivered === null) return undefined;
  const [, evpid = "", to = "", delay = "", name, ip = "", word = "", said = ""] = delivered;
  event.event = "delivery";
  event.queueId = evpid.slice(0, 8);
  event.to = to;
  const waited = /^\d{1,9}$/.test(delay) ? Number(delay) : seconds(delay);
  if (waited !== undefined) event.delay = waited;
  if (name !== undefined && name !== "(none)") event.relay = name;
  const address = canonicalIp(ip);
  if (address !== undefined) event.relayIp = address;
  if (said !== "") event.reason = said;
  const end = readDsnEnd(said, 0);
  if (end > 0) event.dsn = said.slice(0, end);
  event.status = statusOf(word, said);
  const next = event.status === "sent" ? nextQueueId(said) : undefined;
  if (next !== undefined) event.nextQueueId = next;
  return "mta delivery";
}

/** Of a remote error the code is not logged; an enhanced one may stand in the text. What is not told stays and is tried again. */
function statusOf(word: string, said: string): DeliveryStatus {
  if (word === "Sent") return "sent";
  return said.startsWith("5.") || word.startsWith("Perm") ? "bounced" : "deferred";
}

const arrival =
  /^([0-9a-f]{8}): from=<([^>]{0,320})>, size=(\d{1,15}), nrcpts=(\d{1,9}), proto=(\w{1,16}), relay=(\S{1,255}) \[(?:IPv6:)?([0-9A-Za-z:.]{2,60})\]$/;
const delivery =
  /^([0-9a-f]{16}): to=<([^>]{0,320})>, delay=([0-9a-z]{1,40}), (?:relay=(\S{1,255}) \[(?:IPv6:)?([0-9A-Za-z:.]{0,60})\], )?stat=(\w{2,32})(?: \((.*)\))?$/;
