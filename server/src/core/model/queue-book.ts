import { type Attribution, attributions, type EpochMs, type QueueSection, type Seconds } from "@mailtide/shared";
import { AgeIndex } from "./age-index.ts";
import { type Message, type QueueName, queueNames } from "./message.ts";
import { isWaiting } from "./unit.ts";

/** A message waits on whoever this names first among its units: ours before theirs. */
const precedence: readonly Attribution[] = ["own", "unknown", "policy", "recipient", "remote", "held"];

/** The queues of one node, message by message, as its log tells them. */
export class QueueBook {
  readonly cells = new Map<string, AgeIndex>();
  count = 0;

  /** To be called after whatever may have changed the message's queue or whose wait it is. */
  place(message: Message): void {
    const before = message.placed;
    if (message.state !== "queued") {
      if (!before) return;
      this.#count(before, -1);
      message.placed = null;
      return;
    }
    const attribution = attributionOf(message);
    const second = Math.floor(message.arrivalMs / 1_000);
    if (before && before.queue === message.queue && before.attribution === attribution && before.second === second)
      return;
    if (before) this.#count(before, -1);
    message.placed = { queue: message.queue, attribution, second };
    this.#count(message.placed, 1);
  }

  cell(queue: QueueName, attribution: Attribution): AgeIndex | undefined {
    return this.cells.get(`${queue} ${attribution}`);
  }

  #count(place: NonNullable<Message["placed"]>, delta: 1 | -1): void {
    const key = `${place.queue} ${place.attribution}`;
    let cell = this.cells.get(key);
    if (!cell) this.cells.set(key, (cell = new AgeIndex()));
    cell.add(place.second, delta);
    this.count += delta;
  }
}

export function queueSection(
  books: readonly QueueBook[],
  nowMs: EpochMs,
  unexplained: number,
  listedAtMs: EpochMs | null,
): QueueSection {
  const age = (cells: readonly AgeIndex[]) => {
    const oldest = Math.min(...cells.map((cell) => cell.oldestSecond() ?? Infinity));
    return oldest === Infinity ? null : ageSeconds(oldest, nowMs);
  };
  const cellsOf = (queues: readonly QueueName[], names: readonly Attribution[]) =>
    books.flatMap((book) => queues.flatMap((queue) => names.flatMap((name) => book.cell(queue, name) ?? [])));
  return {
    queues: queueNames.map((name) => {
      const cells = cellsOf([name], attributions);
      const waiting = byAttribution((attribution) => total(cellsOf([name], [attribution])));
      return { name, count: total(cells), waiting, oldestSeconds: age(cells) };
    }),
    waiting: byAttribution((attribution) => {
      const cells = cellsOf(queueNames, [attribution]);
      return { count: total(cells), oldestSeconds: age(cells) };
    }),
    unexplained,
    listedAtMs,
  };
}

/** What waits on us in one book, and the oldest of it. */
export function ownQueued(book: QueueBook, nowMs: EpochMs): { count: number; oldestSeconds: Seconds | null } {
  let [count, oldest] = [0, Infinity];
  for (const queue of queueNames)
    for (const attribution of ["own", "unknown"] as const) {
      const cell = book.cell(queue, attribution);
      count += cell?.count ?? 0;
      oldest = Math.min(oldest, cell?.oldestSecond() ?? Infinity);
    }
  return { count, oldestSeconds: oldest === Infinity ? null : ageSeconds(oldest, nowMs) };
}

function ageSeconds(second: number, nowMs: EpochMs): Seconds {
  return Math.max(0, nowMs / 1_000 - second);
}

function byAttribution<T>(of: (attribution: Attribution) => T): Record<Attribution, T> {
  return Object.fromEntries(attributions.map((attribution) => [attribution, of(attribution)])) as Record<
    Attribution,
    T
  >;
}

function attributionOf(message: Message): Attribution {
  const [only] = message.units;
  if (only && message.units.length === 1) return only.attribution;
  const waiting = new Set(message.units.filter(isWaiting).map((unit) => unit.attribution));
  return precedence.find((name) => waiting.has(name)) ?? "own";
}

function total(cells: readonly AgeIndex[]): number {
  return cells.reduce((sum, cell) => sum + cell.count, 0);
}
