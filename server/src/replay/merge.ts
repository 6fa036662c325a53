import type { EpochMs } from "@mailtide/shared";

/** One input, read a portion at a time. Its items are in time order; `name` breaks ties between inputs. */
export interface Lane<T> {
  readonly name: string;
  portions(): AsyncIterable<readonly Timed<T>[]>;
}
export interface Timed<T> {
  readonly atMs: EpochMs;
  readonly item: T;
}

/** Called before the first item of a new second: what is to stand there, given the inputs that have not ended. */
export type EverySecond<T> = (secondMs: EpochMs, open: ReadonlySet<string>) => readonly T[];

interface Reader<T> {
  readonly name: string;
  readonly source: AsyncIterator<readonly Timed<T>[]>;
  portion: readonly Timed<T>[];
  place: number;
}

const portionLimit = 4096;

/**
 * Merges inputs by time, then name, in memory for one portion of each. A portion ends where an input has to be read on.
 */
export async function* merge<T>(lanes: readonly Lane<T>[], everySecond?: EverySecond<T>): AsyncGenerator<readonly T[]> {
  const readers: Reader<T>[] = [...lanes]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((lane) => ({ name: lane.name, source: lane.portions()[Symbol.asyncIterator](), portion: [], place: 0 }));
  const open = new Set(readers.map(({ name }) => name));
  try {
    for (const reader of readers) await refill(reader, open);
    let out: T[] = [];
    let secondMs: EpochMs | null = null;
    for (let first = earliest(readers); first !== null; first = earliest(readers)) {
      const { reader, next } = first;
      if (everySecond !== undefined) {
        secondMs ??= startOfSecond(next.atMs);
        while (secondMs <= next.atMs) {
          for (const item of everySecond(secondMs, open)) out.push(item);
          secondMs += 1000;
          if (out.length >= portionLimit) {
            yield out;
            out = [];
          }
        }
      }
      out.push(next.item);
      reader.place++;
      const dry = reader.place >= reader.portion.length;
      if (out.length > 0 && (dry || out.length >= portionLimit)) {
        yield out;
        out = [];
      }
      if (dry) await refill(reader, open);
    }
    if (out.length > 0) yield out;
  } finally {
    // Whoever stops early must not leave files open.
    for (const reader of readers) await reader.source.return?.();
  }
}

function earliest<T>(readers: readonly Reader<T>[]): { reader: Reader<T>; next: Timed<T> } | null {
  let best: { reader: Reader<T>; next: Timed<T> } | null = null;
  for (const reader of readers) {
    const next = reader.portion[reader.place];
    if (next !== undefined && (best === null || next.atMs < best.next.atMs)) best = { reader, next };
  }
  return best;
}

/** The next portion that holds something; none when the input has ended. */
async function refill<T>(reader: Reader<T>, open: Set<string>): Promise<void> {
  do {
    const { done, value } = await reader.source.next();
    if (done === true) open.delete(reader.name);
    reader.portion = done === true ? [] : value;
    reader.place = 0;
  } while (reader.portion.length === 0 && open.has(reader.name));
}

const startOfSecond = (atMs: EpochMs): EpochMs => Math.floor(atMs / 1000) * 1000;
