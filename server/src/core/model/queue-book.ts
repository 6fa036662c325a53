import { type Attribution, attributions, type EpochMs, type QueueSection, type Seconds } from "@mailtide/shared";
import { AgeIndex } from "./age-index.ts";
import { type Message, type QueueName, queueNames } from "./message.ts";
import { unitsIn } from "./split.ts";
import { isWaiting } from "./unit.ts";

/** A message waits on whoever this names first among its units: ours before theirs. */
const precedence: readonly Attribution[] = ["own", "unknown", "policy", "recipient", "remote", "held"];

const mostMoved = 250;

/** The queues of one node, message by message, as its log tells them. */
export class QueueBook {
  /** By place in `queueNames`, then in `attributions`. */
  readonly #cells: (AgeIndex | undefined)[] = [];
  /** Messages that are to be placed when somebody looks: most pass through a queue between two looks. */
  #moved: Message[] = [];
  #count = 0;

  get count(): number {
    this.#settle();
    return this.#count;
  }

  /** To be called after whatever may have changed the message's queue or whose wait it is. */
  place(message: Message): void {
    if (message.moved) return;
    message.moved = true;
    this.#moved.push(message);
    // A replay that only writes a report may never look.
    if (this.#moved.length >= mostMoved) this.#settle();
  }

  cell(queue: QueueName, attribution: Attribution): AgeIndex | undefined {
    this.#settle();
    return this.#cells[placeOf(queue, attribution)];
  }

  #settle(): void {
    if (this.#moved.length === 0) return;
    const messages = this.#moved;
    this.#moved = [];
    for (const message of messages) {
      message.moved = false;
      this.#placeNow(message);
    }
  }

  #placeNow(message: Message): void {
    const cell = message.state === "queued" ? placeOf(message.queue, attributionOf(message)) : -1;
    const second = Math.floor(message.arrivalMs / 1_000);
    const { placedCell, placedSecond } = message;
    if (placedCell === cell && (cell < 0 || placedSecond === second)) return;
    if (placedCell >= 0) this.#add(placedCell, placedSecond, -1);
    if (cell >= 0) this.#add(cell, second, 1);
    message.placedCell = cell;
    message.placedSecond = second;
  }

  #add(cell: number, second: number, delta: 1 | -1): void {
    (this.#cells[cell] ??= new AgeIndex()).add(second, delta);
    this.#count += delta;
  }
}

const placeOf = (queue: QueueName, attribution: Attribution): number =>
  queueNames.indexOf(queue) * attributions.length + attributions.indexOf(attribution);

export function queueSection(
  books: readonly QueueBook[],
  nowMs: EpochMs,
  unexplained: number,
  listedAtMs: EpochMs | null,
): QueueSection {
  const waiting = byAttribution(() => ({ count: 0, oldest: Infinity }));
  const queues = queueNames.map((name) => {
    const counts = byAttribution(() => 0);
    let [count, oldest] = [0, Infinity];
    for (const attribution of attributions)
      for (const book of books) {
        const cell = book.cell(name, attribution);
        if (cell === undefined) continue;
        const cellOldest = cell.oldestSecond() ?? Infinity;
        const all = waiting[attribution];
        counts[attribution] += cell.count;
        count += cell.count;
        all.count += cell.count;
        oldest = Math.min(oldest, cellOldest);
        all.oldest = Math.min(all.oldest, cellOldest);
      }
    return { name, count, waiting: counts, oldestSeconds: age(oldest, nowMs) };
  });
  return {
    queues,
    waiting: byAttribution((attribution) => {
      const { count, oldest } = waiting[attribution];
      return { count, oldestSeconds: age(oldest, nowMs) };
    }),
    unexplained,
    listedAtMs,
  };
}

const age = (oldest: number, nowMs: EpochMs): Seconds | null =>
  oldest === Infinity ? null : ageSeconds(oldest, nowMs);

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
  const record: Partial<Record<Attribution, T>> = {};
  for (const attribution of attributions) record[attribution] = of(attribution);
  return record as Record<Attribution, T>;
}

function attributionOf(message: Message): Attribution {
  // Its units in other queue files may not be held, and of what came back and cannot be returned none is left to wait.
  if (message.queue === "hold") return "held";
  const units = unitsIn(message);
  const only = units[0];
  if (only !== undefined && units.length === 1) return only.attribution;
  const waiting = new Set(units.filter(isWaiting).map((unit) => unit.attribution));
  return precedence.find((name) => waiting.has(name)) ?? "own";
}
