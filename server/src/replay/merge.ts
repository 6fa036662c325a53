import type { EpochMs } from "@mailtide/shared";
import { GrowingPortion, type Portion, type Run } from "./portion.ts";

/** One input, read a portion at a time. Its items are in time order; `name` breaks ties between inputs. */
export interface Lane<T> {
  readonly name: string;
  portions(): AsyncIterable<Portion<T>>;
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

const mostAtOnce = 4096;

/**
 * Merges inputs by time, then name, in memory for one portion of each. What it gives ends where an input has to be read on.
 */
export async function* merge<T>(
  lanes: readonly Lane<T>[],
  everySecond?: EverySecond<T>,
): AsyncGenerator<readonly Run<T>[]> {
  const readers = [...lanes].sort((a, b) => (a.name < b.name ? -1 : 1)).map(readerOf);
  const open = new Set(readers.map(({ name }) => name));
  try {
    for (const reader of readers) await refill(reader, open);
    let out = new Merged<T>();
    let secondMs: EpochMs | null = null;
    for (let reader = earliest(readers); reader !== null; reader = earliest(readers)) {
      if (everySecond !== undefined) {
        secondMs ??= startOfSecond(reader.nextMs);
        while (secondMs <= reader.nextMs) {
          for (const item of everySecond(secondMs, open)) out.addItem(secondMs, item);
          secondMs += 1000;
          if (out.count >= mostAtOnce) {
            yield out.runs;
            out = new Merged<T>();
          }
        }
      }
      takeRun(reader, readers, secondMs ?? Infinity, out);
      const dry = reader.place >= reader.portion.length;
      if (out.count > 0 && (dry || out.count >= mostAtOnce)) {
        yield out.runs;
        out = new Merged<T>();
      }
      if (dry) await refill(reader, open);
    }
    if (out.count > 0) yield out.runs;
  } finally {
    // Whoever stops early must not leave files open.
    for (const reader of readers) await reader.source.return?.();
  }
}

class Merged<T> {
  readonly runs: Run<T>[] = [];
  count = 0;
  /** What stands between the inputs. */
  readonly #items = new GrowingPortion<T>();

  addItem(atMs: EpochMs, item: T): void {
    this.#items.add(atMs, item);
    const { length } = this.#items;
    this.addRun(this.#items, length - 1, length);
  }

  addRun(portion: Portion<T>, from: number, to: number): void {
    if (from === to) return;
    this.count += to - from;
    const last = this.runs.at(-1);
    if (last?.portion === portion && last.to === from) last.to = to;
    else this.runs.push({ portion, from, to });
  }
}

const readerOf = <T>(lane: Lane<T>): Reader<T> => ({
  name: lane.name,
  source: lane.portions()[Symbol.asyncIterator](),
  portion: new GrowingPortion<T>(),
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
function takeRun<T>(reader: Reader<T>, readers: readonly Reader<T>[], beforeMs: EpochMs, out: Merged<T>): void {
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
  const { portion, place: from } = reader;
  const { length, atMs } = portion;
  let place = from;
  const end = Math.min(length, place + mostAtOnce);
  for (; place < end; place++) {
    const nextMs = atMs[place] ?? Infinity;
    if (nextMs > rivalMs || (nextMs === rivalMs && !behind)) break;
  }
  out.addRun(portion, from, place);
  reader.place = place;
  reader.nextMs = nextTimeOf(portion, place);
}

/** The next portion that holds something; none when the input has ended. */
async function refill<T>(reader: Reader<T>, open: Set<string>): Promise<void> {
  do {
    const { done, value } = await reader.source.next();
    if (done === true) open.delete(reader.name);
    reader.portion = done === true ? new GrowingPortion<T>() : value;
    reader.place = 0;
  } while (reader.portion.length === 0 && open.has(reader.name));
  reader.nextMs = nextTimeOf(reader.portion, 0);
}

const nextTimeOf = <T>({ length, atMs }: Portion<T>, place: number): EpochMs =>
  place < length ? (atMs[place] ?? Infinity) : Infinity;

const startOfSecond = (atMs: EpochMs): EpochMs => Math.floor(atMs / 1000) * 1000;
