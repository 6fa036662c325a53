/**
 * Where a follower of the journal stands. The journal numbers the entries of all programs (`i=` in a cursor, hexadecimal,
 * within a sequence that `s=` names: sd_journal_get_cursor(3) shows it, though it calls the text opaque); `lines` of the last
 * `entries` were ours, so that what was forgotten meanwhile can be estimated.
 */
export interface JournalPosition {
  readonly cursor: string;
  /** The entry at the cursor is still to be read. */
  readonly isNext?: boolean;
  readonly lines: number;
  readonly entries: number;
}

export function positionOf(saved: unknown): JournalPosition | null {
  if (typeof saved !== "object" || saved === null || !("cursor" in saved)) return null;
  const { cursor, isNext, lines, entries } = saved as Readonly<Record<string, unknown>>;
  // Handed to a program: what a cursor never holds is none.
  if (typeof cursor !== "string" || !/^[\w=;-]{1,1000}$/.test(cursor)) return null;
  const known = isCount(lines) && isCount(entries);
  return { cursor, ...(isNext === true ? { isNext } : {}), lines: known ? lines : 0, entries: known ? entries : 0 };
}

const isCount = (value: unknown): value is number => typeof value === "number" && value >= 0 && value < 1e15;

/** After so many lines of ours up to the entry at the cursor. */
export function advanced(from: JournalPosition | null, cursor: string, lines: number): JournalPosition {
  const passed = from === null ? null : entriesBetween(from.cursor, cursor);
  if (from === null || passed === null) return { cursor, lines: from?.lines ?? 0, entries: from?.entries ?? 0 };
  // What is usual lately counts, not what was last year.
  const weight = from.entries > longestMemory ? 0.5 : 1;
  return { cursor, lines: from.lines * weight + lines, entries: from.entries * weight + passed };
}

/** How many lines of ours were forgotten when this entry is now the oldest there is; at least one where nothing can be told. */
export function forgottenLines({ cursor, lines, entries }: JournalPosition, oldest: string): number {
  const between = entriesBetween(cursor, oldest);
  if (between === null) return timeOf(oldest) > timeOf(cursor) ? 1 : 0;
  if (between <= 1) return 0;
  return Math.max(1, Math.round((between - 1) * (entries > 0 ? Math.min(1, lines / entries) : 1)));
}

/** Null for two that are not of one sequence. */
function entriesBetween(from: string, to: string): number | null {
  const [a, b] = [sequence.exec(from), sequence.exec(to)];
  return a === null || b === null || a[1] !== b[1] ? null : parseInt(b[2] ?? "", 16) - parseInt(a[2] ?? "", 16);
}

const sequence = /^s=([0-9a-f]+);i=([0-9a-f]{1,13});/;
const timeOf = (cursor: string): number => parseInt(/;t=([0-9a-f]{1,13});/.exec(cursor)?.[1] ?? "0", 16);
const longestMemory = 1_000_000;
