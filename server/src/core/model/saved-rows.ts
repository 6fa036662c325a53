import type { Message } from "./message.ts";
import type { Unit } from "./unit.ts";

/** What a saved row holds, in its order; another order or another field is another format. */
export const unitFields = [
  "node",
  "domain",
  "direction",
  "customer",
  "acceptedMs",
  "phase",
  "attribution",
  "pausedMs",
  "pauseMs",
  "resumeMs",
  "dueMs",
  "due",
  "waitMs",
  "restartMs",
  "unsure",
  "destination",
  "recentSecond",
  "open",
  "sent",
  "deferred",
  "attemptMs",
] as const satisfies readonly (keyof Unit)[];

export const messageFields = [
  "node",
  "id",
  "arrivalMs",
  "arrivalKnown",
  "acceptedMs",
  "pausedMs",
  "state",
  "birth",
  "ours",
  "clientIp",
  "authenticated",
  "sender",
  "ownBounce",
  "joined",
  "nrcpt",
  "named",
  "queue",
  "countedUnits",
  "first",
  "unsaid",
  "doneMs",
] as const satisfies readonly (keyof Message)[];

export function toRow<Entry extends object>(entry: Entry, fields: readonly (keyof Entry)[]): unknown[] {
  return fields.map((field) => entry[field]);
}

/** `links` are the fields that a row can not hold. */
export function fromRow<Entry extends object>(
  row: readonly unknown[],
  fields: readonly (keyof Entry)[],
  links: Partial<Entry>,
): Entry {
  const entry: Partial<Record<keyof Entry, unknown>> = { ...links };
  for (const [i, field] of fields.entries()) entry[field] = row[i];
  return entry as Entry;
}
