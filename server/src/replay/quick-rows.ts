import { attributions, dependencyId, dependencyTypes, type EpochMs, type NodeId, probeFaults } from "@mailtide/shared";
import { type ProbeDetails, type ProbeObservation, type QueueObservation, reasonClasses } from "../core/observation.ts";

/**
 * Rows as Mailtide writes them, read without a schema: in a tenth of the time, and without making the schema. Null is no
 * verdict: the schema reads the row then, and says what is wrong with it. A test holds the two to give the same.
 */
export function quickProbe(row: unknown): ProbeObservation | null {
  if (!isObject(row)) return null;
  const { at, id, type, ok, latencySeconds, error, details } = row;
  const atMs = instantOf(at);
  if (atMs === null || !isWord(id) || !isType(type) || typeof ok !== "boolean" || !isSeconds(latencySeconds))
    return null;
  if (error !== undefined && !isWord(error)) return null;
  const seen = details === undefined ? undefined : detailsOf(details);
  if (seen === null) return null;
  return {
    kind: "probe",
    atMs,
    id: dependencyId(id),
    type,
    ok,
    latencySeconds,
    ...(error === undefined ? {} : { error }),
    ...(seen === undefined ? {} : { details: seen }),
  };
}

/** What a detail may be; those that are lists are mostly empty, and others are left to the schema. */
export type DetailKind = "seconds" | "count" | "number" | "flag" | "word" | "fault" | "blocked" | "ddl";
/** The order is that in which they are given. */
export const detailKinds = {
  connectSeconds: "seconds",
  querySeconds: "seconds",
  writeSeconds: "seconds",
  connectionsUsed: "count",
  connectionsMax: "count",
  lockWaits: "count",
  longestWaitSeconds: "seconds",
  blocked: "blocked",
  ddl: "ddl",
  longestTransactionSeconds: "seconds",
  replicationLagSeconds: "seconds",
  expiresInSeconds: "number",
  freeShare: "number",
  freeInodesShare: "number",
  busyShare: "number",
  mailNeedsShare: "number",
  ioWaitSeconds: "seconds",
  ioPressureShare: "number",
  memoryShare: "number",
  blockedClients: "count",
  fault: "fault",
  concern: "word",
  blind: "word",
  greetingSeconds: "seconds",
  tlsSeconds: "seconds",
  recipientSeconds: "seconds",
  filterQueue: "count",
  waitingSeconds: "seconds",
  lateSeconds: "seconds",
  refused: "flag",
  unreadable: "flag",
  misfiled: "flag",
  probesOut: "count",
  probesOvertaken: "count",
  probesGivenUp: "count",
  strangers: "count",
} as const satisfies Record<keyof ProbeDetails, DetailKind>;

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isOfKind: Record<DetailKind, (value: unknown) => boolean> = {
  seconds: isSeconds,
  count: isCount,
  number: Number.isFinite,
  flag: (value) => typeof value === "boolean",
  word: isWord,
  fault: (value) => (probeFaults as readonly unknown[]).includes(value),
  blocked: isEmptyList,
  ddl: isEmptyList,
};
const detailChecks = Object.entries(detailKinds).map(([name, kind]) => ({ name, is: isOfKind[kind] }));

function detailsOf(row: unknown): ProbeDetails | null {
  if (!isObject(row)) return null;
  const details: Record<string, unknown> = {};
  for (const { name, is } of detailChecks) {
    const value = row[name];
    if (value === undefined) continue;
    if (!is(value)) return null;
    details[name] = value;
  }
  return details;
}

type Snapshot = QueueObservation["snapshot"];
/** Of reasons, domains, senders, and of what a probe saw blocked. */
export const listLimit = 1000;

/** See `quickProbe`. */
export function quickQueue(row: unknown, node: NodeId): QueueObservation | null {
  if (!isObject(row)) return null;
  const { mta, recipients } = row;
  const atMs = instantOf(row["at"]);
  const queues = queuesOf(row["queues"]);
  const waiting = waitingOf(row["waiting"]);
  const reasons = listOf(row["reasons"], reasonOf);
  const topDomains = listOf(row["topDomains"], namedOf);
  const topSenders = listOf(row["topSenders"], namedOf);
  if (atMs === null || !isWord(mta) || queues === null || waiting === null || !isMaybe(isCount, recipients))
    return null;
  if (reasons === null || topDomains === null || topSenders === null) return null;
  return {
    kind: "queue",
    node,
    atMs,
    endMs: atMs,
    snapshot: { mta, queues, reasons, topDomains, topSenders, recipients, atMs, waiting },
    unknown: [],
    unknownDropped: 0,
    vanished: [],
  };
}

function queuesOf(row: unknown): Snapshot["queues"] | null {
  if (!isObject(row)) return null;
  const queues: Record<string, Snapshot["queues"][string]> = {};
  for (const name in row) {
    const queue = row[name];
    if (name.length > 100 || name === "__proto__" || !isObject(queue)) return null;
    const { count, bytes, oldestAgeSeconds, ageHistogram } = queue;
    if (!isCount(count) || !isMaybe(isCount, bytes) || !isMaybe(isSeconds, oldestAgeSeconds)) return null;
    if (!Array.isArray(ageHistogram) || ageHistogram.length !== 10 || !ageHistogram.every(isCount)) return null;
    queues[name] = { count, bytes, oldestAgeSeconds, ageHistogram };
  }
  return queues;
}

function waitingOf(row: unknown): Snapshot["waiting"] | null {
  if (!isObject(row)) return null;
  const waiting: Record<string, Snapshot["waiting"]["own"]> = {};
  for (const name of attributions) {
    const one = row[name];
    if (!isObject(one)) return null;
    const { count, oldestAgeSeconds, oldestOwnWaitSeconds } = one;
    if (!isCount(count) || !isMaybe(isSeconds, oldestAgeSeconds) || !isMaybe(isSeconds, oldestOwnWaitSeconds))
      return null;
    waiting[name] = { count, oldestAgeSeconds, oldestOwnWaitSeconds };
  }
  return Object.keys(row).length === attributions.length ? (waiting as Snapshot["waiting"]) : null;
}

function reasonOf({ class: reason, count, sample }: Row): Snapshot["reasons"][number] | null {
  if (!isReason(reason) || !isCount(count) || !isWord(sample)) return null;
  return { class: reason, count, sample };
}
const namedOf = ({ name, count }: Row): Snapshot["topDomains"][number] | null =>
  isWord(name) && isCount(count) ? { name, count } : null;

function listOf<T>(rows: unknown, read: (row: Row) => T | null): T[] | null {
  if (!Array.isArray(rows) || rows.length > listLimit) return null;
  const list: T[] = [];
  for (const row of rows) {
    const one = isObject(row) ? read(row) : null;
    if (one === null) return null;
    list.push(one);
  }
  return list;
}

type Row = Readonly<Record<string, unknown>>;
const types: ReadonlySet<unknown> = new Set(dependencyTypes);
const reasons: ReadonlySet<unknown> = new Set(reasonClasses);
const isType = (value: unknown): value is ProbeObservation["type"] => types.has(value);
const isReason = (value: unknown): value is Snapshot["reasons"][number]["class"] => reasons.has(value);

function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isSeconds(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
function isWord(value: unknown): value is string {
  return typeof value === "string" && value.length <= 4096;
}
function isMaybe<T>(is: (value: unknown) => value is T, value: unknown): value is T | null {
  return value === null || is(value);
}

/** Of an instant written as JavaScript writes them, UTC with milliseconds. */
function instantOf(text: unknown): EpochMs | null {
  if (typeof text !== "string" || text.length !== 24) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) || new Date(atMs).toISOString() !== text ? null : atMs;
}
