import type { EpochMs } from "@mailtide/shared";
import type { FoundHop, FoundMessage, IndexAnswer, IndexQuery } from "./message-index.ts";
import { pathOf } from "./path.ts";
import type { HopRecord } from "./record.ts";
import type { HopTable } from "./table.ts";
import { canonicalAddress, cut, domainOf, mostText } from "./text.ts";

const mostAnswers = 200;
/** One message may be several hops, and each of them is found. */
const rowsPerAnswer = 8;

/** Newest arrival first. What is too long or empty finds nothing. */
export function search(table: HopTable, query: IndexQuery): IndexAnswer {
  const limit = Math.min(Math.max(1, query.limit ?? 50), mostAnswers);
  const rows = limit * rowsPerAnswer;
  const span = { fromMs: query.fromMs ?? 0, toMs: query.toMs ?? Number.MAX_SAFE_INTEGER };
  const value = canonicalValue(query);
  const found = table.byTerm(query.by, value, rows, (hop) => matches(hop, query.by, value), span);
  const inSpan = found.filter(({ arrivalMs }) => arrivalMs >= span.fromMs && arrivalMs <= span.toMs);
  const seen = new Set<number>();
  const messages: FoundMessage[] = [];
  for (const hop of inSpan) {
    if (seen.has(hop.rowId)) continue;
    if (messages.length >= limit) return { messages, more: true };
    const path = pathOf(table, hop);
    for (const { rowId } of path) seen.add(rowId);
    messages.push(messageOf(path));
  }
  return { messages, more: found.length >= rows };
}

function canonicalValue({ by, value }: IndexQuery): string {
  if (by === "address") return canonicalAddress(value);
  if (by === "domain") return cut(value, mostText.address).toLowerCase();
  return cut(value, mostText[by]);
}

/** Terms are hashes: two may be the same. */
function matches(hop: HopRecord, by: IndexQuery["by"], value: string): boolean {
  if (value === "") return false;
  if (by === "queueId") return hop.queueId === value;
  if (by === "messageId") return hop.messageId === value;
  const part = by === "address" ? (address: string) => address : domainOf;
  return (
    part(canonicalAddress(hop.sender ?? "")) === value || hop.recipients.some(({ address }) => part(address) === value)
  );
}

function messageOf(path: readonly HopRecord[]): FoundMessage {
  const [first] = path;
  const ends = path.map(({ removedMs }) => removedMs);
  const isOver = !ends.includes(null);
  return {
    messageId: path.find(({ messageId }) => messageId !== null)?.messageId ?? null,
    sender: first?.sender ?? null,
    acceptedMs: first?.arrivalMs ?? 0,
    leftMs: isOver ? Math.max(...ends.map((end): EpochMs => end ?? 0)) : null,
    hops: path.map(shown),
  };
}

function shown({ rowId: _row, found: _found, firstMs: _first, ...hop }: HopRecord): FoundHop {
  return hop;
}
