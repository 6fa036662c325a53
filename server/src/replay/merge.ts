import type { EpochMs } from "@mailtide/shared";

/** One input, read a portion at a time. Its items are in time order; `name` breaks ties between inputs. */
export interface Lane<T> {
  readonly name: string;
  portions(): AsyncIterable<Portion<T>>;
}
/** Items and, at the same places, their times: two lists, because a pair for each of millions of lines costs. */
export interface Portion<T> {
  readonly atMs: readonly EpochMs[];
  readonly items: readonly T[];
}

/** A portion that can still take some. */
export class GrowingPortion<T> implements Portion<T> {
  readonly atMs: EpochMs[] = [];
  readonly items: T[] = [];

  add(atMs: EpochMs, item: T): void {
    this.atMs.push(atMs);
    this.items.push(item);
  }
}

/** Called before the first item of a new second: what is to stand there, given the inputs that have not ended. */
export type EverySecond<T> = (secondMs: EpochMs, open: ReadonlySet<string>) => readonly T[];

interface Reader<T> {
  readonly name: string;
  readonly source: AsyncIterator<Portion<T>>;
  portion: Portion<T>;
  place: number;
  /** Time of the next item; Infinity when the input has ended. */
  nextMs: EpochMs;
}

const portionLimit = 4096;

/**
 * Merges inputs by time, then name, in memory for one portion of each. A portion ends where an input has to be read on.
 */
export async function* merge<T>(lanes: readonly Lane<T>[], everySecond?: EverySecond<T>): AsyncGenerator<Portion<T>> {
  const readers = [...lanes].sort((a, b) => (a.name < b.name ? -1 : 1)).map(readerOf);
  const open = new Set(readers.map(({ name }) => name));
  try {
    for (const reader of readers) await refill(reader, open);
    let out = new GrowingPortion<T>();
    let secondMs: EpochMs | null = null;
    for (let reader = earliest(readers); reader !== null; reader = earliest(readers)) {
      if (everySecond !== undefined) {
        secondMs ??= startOfSecond(reader.nextMs);
        while (secondMs <= reader.nextMs) {
          for (const item of everySecond(secondMs, open)) out.add(secondMs, item);
          secondMs += 1000;
          if (out.items.length >= portionLimit) {
            yield out;
            out = new GrowingPortion<T>();
          }
        }
      }
      takeRun(reader, readers, secondMs ?? Infinity, out);
      const dry = reader.place >= reader.portion.items.length;
      if (out.items.length > 0 && (dry || out.items.length >= portionLimit)) {
        yield out;
        out = new GrowingPortion<T>();
      }
      if (dry) await refill(reader, open);
    }
    if (out.items.length > 0) yield out;
  } finally {
    // Whoever stops early must not leave files open.
    for (const reader of readers) await reader.source.return?.();
  }
}

const readerOf = <T>(lane: Lane<T>): Reader<T> => ({
  name: lane.name,
  source: lane.portions()[Symbol.asyncIterator](),
  portion: { atMs: [], items: [] },
  place: 0,
  nextMs: Infinity,
});

/** Of those with the same time the first. */
function earliest<T>(readers: readonly Reader<T>[]): Reader<T> | null {
  let best: Reader<T> | null = null;
  for (const reader of readers)
    if (reader.nextMs !== Infinity && (best === null || reader.nextMs < best.nextMs)) best = reader;
  return best;
}

/** Takes from the earliest reader for as long as it stays the earliest: lines of one log mostly come in runs. */
function takeRun<T>(reader: Reader<T>, readers: readonly Reader<T>[], beforeMs: EpochMs, out: GrowingPortion<T>): void {
  let rivalMs = beforeMs;
  // A rival behind it in the order of names waits for everything of its own instant, one before it does not.
  let behind = false;
  let passed = false;
  for (const rival of readers) {
    if (rival === reader) passed = true;
    else if (rival.nextMs < rivalMs) {
      rivalMs = rival.nextMs;
      behind = passed;
    }
  }
  const { atMs, items } = reader.portion;
  let { place } = reader;
  const end = Math.min(items.length, place + portionLimit);
  for (; place < end; place++) {
    const nextMs = atMs[place] ?? Infinity;
    if (nextMs > rivalMs || (nextMs === rivalMs && !behind)) break;
    out.add(nextMs, items[place] as T);
  }
  reader.place = place;
  reader.nextMs = atMs[place] ?? Infinity;
}

/** The next portion that holds something; none when the input has ended. */
async function refill<T>(reader: Reader<T>, open: Set<string>): Promise<void> {
  do {
    const { done, value } = await reader.source.next();
    if (done === true) open.delete(reader.name);
    reader.portion = done === true ? { atMs: [], items: [] } : value;
    reader.place = 0;
  } while (reader.portion.items.length === 0 && open.has(reader.name));
  reader.nextMs = reader.portion.atMs[0] ?? Infinity;
}

const startOfSecond = (atMs: EpochMs): EpochMs => Math.floor(atMs / 1000) * 1000;
