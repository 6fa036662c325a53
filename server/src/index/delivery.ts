import type { EpochMs } from "@mailtide/shared";
import type { MailEvent } from "../core/event.ts";
import { type HopRecord, mostRecipients, type RecipientRecord } from "./record.ts";
import { canonicalAddress, cut, mostText } from "./text.ts";

/** What a delivery agent says of one recipient, of several, or, naming none, of all. */
export function noteDelivery(hop: HopRecord, atMs: EpochMs, event: MailEvent): HopRecord {
  const named = event.recipients ?? (event.to === undefined ? null : [event.to]);
  const next = cut(event.nextQueueId, mostText.queueId);
  if (named !== null) for (const to of named) noteAttempt(noteRecipient(hop, to, next), hop, atMs, event);
  // It names nobody: all that still wait are meant.
  else
    for (const recipient of hop.recipients)
      if (recipient.status === "" || recipient.status === "deferred") noteAttempt(recipient, hop, atMs, event);
  if (event.from !== undefined) hop.sender ??= cut(event.from, mostText.address);
  return hop;
}

/**
 * Its record; null when there are too many. An address that two aliases led to is delivered to twice: what went on under
 * another id than `nextQueueId` is the other delivery.
 */
export function noteRecipient(hop: HopRecord, to: string, nextQueueId?: string): RecipientRecord | null {
  const address = canonicalAddress(to);
  const isOther = (id: string): boolean => nextQueueId !== undefined && id !== "" && id !== nextQueueId;
  const known = hop.recipients.find((each) => each.address === address && !isOther(each.nextQueueId));
  if (known !== undefined) return known;
  if (hop.recipients.length >= mostRecipients) {
    hop.moreRecipients += 1;
    return null;
  }
  const recipient: RecipientRecord = {
    address,
    status: "",
    attempts: 0,
    startMs: hop.arrivalMs,
    atMs: hop.arrivalMs,
    relay: "",
    relayIp: "",
    delaySeconds: null,
    reason: "",
    nextQueueId: "",
  };
  hop.recipients.push(recipient);
  return recipient;
}

function noteAttempt(recipient: RecipientRecord | null, hop: HopRecord, atMs: EpochMs, event: MailEvent): void {
  if (recipient === null) return;
  const [, , setup = 0, transmission = 0] = event.delays ?? [];
  recipient.status = event.status ?? "";
  recipient.attempts += 1;
  recipient.startMs = event.delays === undefined ? hop.arrivalMs : atMs - Math.round((setup + transmission) * 1_000);
  recipient.atMs = atMs;
  recipient.relay = cut(event.relay, mostText.relay);
  recipient.relayIp = event.relayIp ?? "";
  recipient.delaySeconds = event.delay ?? null;
  recipient.reason = cut(event.reason, mostText.reason);
  recipient.nextQueueId = cut(event.nextQueueId, mostText.queueId);
}
