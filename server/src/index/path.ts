import type { EpochMs } from "@mailtide/shared";
import { isPrivate, parseAddress } from "../core/model/address.ts";
import { type HopRecord, linksOf, type RecipientRecord } from "./record.ts";
import type { HopTable } from "./table.ts";

/** A path that is longer is a loop or a mistake. */
const mostHops = 16;
/** As in the delay model: clocks of two hosts differ a little, and a queue id of another day is another message. */
const earlierMs = 5_000;
const laterMs = 60_000;

/**
 * All queue files that this message was on its way, the first first. Hops are joined by the id that the next hop
 * answered with, by an operator's re-queueing, by Sendmail's splitting, and, where a filter of ours answered without an id, by Message-ID and
 * sender: others repeat a Message-ID too.
 */
export function pathOf(table: HopTable, start: HopRecord): HopRecord[] {
  const path = new Map<number, HopRecord>([[start.rowId, start]]);
  for (const hop of path.values()) {
    for (const next of [...before(table, hop), ...after(table, hop)]) {
      if (path.size >= mostHops) break;
      if (!path.has(next.rowId)) path.set(next.rowId, next);
    }
  }
  return [...path.values()].sort((a, b) => a.arrivalMs - b.arrivalMs || a.rowId - b.rowId);
}

function after(table: HopTable, hop: HopRecord): HopRecord[] {
  const named = [...linksOf(hop)].slice(0, mostHops).flatMap((id) => {
    const same = table.byTerm("queueId", id, 20, (other) => other.queueId === id && leadsTo(hop, other));
    // A filter gives it back to the node that it had it from.
    const next = same.find(({ node }) => node === hop.node) ?? same[0];
    return next === undefined ? [] : [next];
  });
  return [...named, ...repeated(table, hop, (other) => wentUnnamed(hop, other))];
}

function before(table: HopTable, hop: HopRecord): HopRecord[] {
  const named = table.byTerm("link", hop.queueId, 20, (other) => leadsTo(other, hop));
  return [...named, ...repeated(table, hop, (other) => wentUnnamed(other, hop))];
}

/** With the same Message-ID and sender, about as old. */
function repeated(table: HopTable, hop: HopRecord, is: (other: HopRecord) => boolean): HopRecord[] {
  const { messageId, arrivalMs } = hop;
  if (messageId === null || messageId === "") return [];
  const span = { fromMs: arrivalMs - 86_400_000, toMs: arrivalMs + 86_400_000 };
  return table.byMessageId(messageId, 50, span).filter(is);
}

/** `hop` says that it handed the message on to `next`. */
function leadsTo(hop: HopRecord, next: HopRecord): boolean {
  if (hop.rowId === next.rowId) return false;
  if (hop.messageId !== null && next.messageId !== null && hop.messageId !== next.messageId) return false;
  const { queueId, arrivalMs } = next;
  if (hop.recipients.some((each) => each.nextQueueId === queueId && fits(each.startMs, each.atMs, arrivalMs)))
    return true;
  if (hop.filters.some((each) => each.nextQueueId === queueId && fits(startOf(each), each.atMs, arrivalMs)))
    return true;
  return wasBefore(hop, next) || wasBefore(next, hop);
}

/** An operator queued it again, or its MTA split it: `one` was `other` before. */
function wasBefore(one: HopRecord, other: HopRecord): boolean {
  if (one.origin === "node" || one.origQueueId !== other.queueId) return false;
  return one.node === other.node && one.arrivalMs >= other.arrivalMs;
}

function startOf({ atMs, seconds }: { readonly atMs: EpochMs; readonly seconds: number | null }): EpochMs {
  return atMs - (seconds ?? 0) * 1_000;
}

/** It went to a service of ours that named no id, and came back from one. */
function wentUnnamed(hop: HopRecord, next: HopRecord): boolean {
  if (hop.rowId === next.rowId || hop.sender === null || hop.sender !== next.sender) return false;
  // One node has one clock.
  if (next.arrivalMs < hop.arrivalMs - (hop.node === next.node ? 0 : earlierMs)) return false;
  if (next.origin === "unknown" || (next.clientIp !== null && !isOurs(next.clientIp))) return false;
  const sentOn = (each: RecipientRecord): boolean =>
    each.status === "sent" &&
    each.nextQueueId === "" &&
    isOurs(each.relayIp) &&
    fits(each.startMs, each.atMs, next.arrivalMs) &&
    next.recipients.some(({ address }) => address === each.address);
  return hop.recipients.some(sentOn);
}

function isOurs(ip: string): boolean {
  const address = parseAddress(ip);
  return address !== null && isPrivate(address);
}

function fits(startMs: EpochMs, endMs: EpochMs, arrivalMs: EpochMs): boolean {
  return arrivalMs >= startMs - earlierMs && arrivalMs <= endMs + laterMs;
}
