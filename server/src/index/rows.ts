import type { Row, Value } from "../store/embedded/engine.ts";
import { endings, type FilterPass, type HopRecord, linksOf, origins, type RecipientRecord } from "./record.ts";

/** Columns that never change, then those that do. */
export const fixedColumns = ["node", "instance", "queue_id", "arrival_ms", "first_ms"] as const;
export const changingColumns = [
  "origin",
  "last_ms",
  "removed_ms",
  "ending",
  "message_id",
  "sender",
  "client_ip",
  "size",
  "nrcpt",
  "recipients",
  "more_recipients",
  "filters",
  "orig_queue_id",
  "bounce_queue_id",
] as const;
export const allColumns = ["id", ...fixedColumns, ...changingColumns];

export function fixedValues({ node, instance, queueId, arrivalMs, firstMs }: HopRecord): Value[] {
  return [node, instance, queueId, arrivalMs, firstMs];
}

export function changingValues(hop: HopRecord): Value[] {
  return [
    origins.indexOf(hop.origin),
    hop.lastMs,
    hop.removedMs,
    hop.ending === null ? null : endings.indexOf(hop.ending),
    hop.messageId,
    hop.sender,
    hop.clientIp,
    hop.sizeBytes,
    hop.nrcpt,
    JSON.stringify(hop.recipients.map(recipientRow)),
    hop.moreRecipients,
    hop.filters.length === 0 ? null : JSON.stringify(hop.filters.map(filterRow)),
    hop.origQueueId,
    hop.bounceQueueId,
  ];
}

/** A row of `allColumns`. */
export function hopOf(row: Row): HopRecord {
  const number = (at: number): number => Number(row[at]);
  const text = (at: number): string => String(row[at]);
  const nullable = <T>(at: number, read: (at: number) => T): T | null => (row[at] === null ? null : read(at));
  const recipients = (JSON.parse(text(15)) as RecipientRow[]).map(recipientOf);
  const filters = (nullable(17, (at) => JSON.parse(text(at)) as FilterRow[]) ?? []).map(filterOf);
  const hop: HopRecord = {
    rowId: number(0),
    node: text(1),
    instance: text(2),
    queueId: text(3),
    arrivalMs: number(4),
    firstMs: number(5),
    origin: origins[number(6)] ?? "unknown",
    lastMs: number(7),
    removedMs: nullable(8, number),
    ending: nullable(9, (at) => endings[number(at)] ?? "removed"),
    messageId: nullable(10, text),
    sender: nullable(11, text),
    clientIp: nullable(12, text),
    sizeBytes: nullable(13, number),
    nrcpt: number(14),
    recipients,
    moreRecipients: number(16),
    filters,
    origQueueId: nullable(18, text),
    bounceQueueId: nullable(19, text),
    found: { queueId: true, messageId: false, sender: false, recipients: recipients.length, links: 0 },
  };
  hop.found.messageId = hop.messageId !== null;
  hop.found.sender = hop.sender !== null;
  hop.found.links = linksOf(hop).size;
  return hop;
}

type RecipientRow = [string, string, number, number, number, string, string, number | null, string, string];
type FilterRow = [string, number, number | null, string, number | null, string];

function recipientRow(one: RecipientRecord): RecipientRow {
  const { address, status, attempts, startMs, atMs, relay, relayIp, delaySeconds, reason, nextQueueId } = one;
  return [address, status, attempts, startMs, atMs, relay, relayIp, delaySeconds, reason, nextQueueId];
}

function recipientOf(row: RecipientRow): RecipientRecord {
  const [address, status, attempts, startMs, atMs, relay, relayIp, delaySeconds, reason, nextQueueId] = row;
  return { address, status, attempts, startMs, atMs, relay, relayIp, delaySeconds, reason, nextQueueId };
}

function filterRow({ filter, atMs, seconds, action, score, nextQueueId }: FilterPass): FilterRow {
  return [filter, atMs, seconds, action, score, nextQueueId];
}

function filterOf([filter, atMs, seconds, action, score, nextQueueId]: FilterRow): FilterPass {
  return { filter, atMs, seconds, action, score, nextQueueId };
}
