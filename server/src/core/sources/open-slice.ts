import type { EpochMs } from "@mailtide/shared";
import { Seats } from "../sketch/seats.ts";
import {
  connections,
  error,
  firstMs,
  messages,
  numbersEach,
  placeOfKind,
  rejects,
  type Slice,
  type SourceCounts,
  type SourceKind,
} from "./slices.ts";
import type { Source } from "./source.ts";
import type { SourceTable } from "./source-table.ts";

/** What the sources make while a slice lasts: a Space-Saving summary whose memory is used again for the next one. */
export class OpenSlice {
  readonly #table: SourceTable;
  readonly #seats: Seats;
  /** By seat, as the numbers. */
  readonly sources: Source[] = [];
  readonly numbers: Float64Array;

  constructor(table: SourceTable, most: number) {
    this.#table = table;
    this.#seats = new Seats(most);
    this.numbers = new Float64Array(most * numbersEach);
  }

  get size(): number {
    return this.sources.length;
  }

  /** What a source that is not here has made at most. */
  get floor(): number {
    return this.#seats.floor;
  }

  add(source: Source, kind: SourceKind, atMs: EpochMs, times: number): void {
    const { seat } = source;
    const own =
      seat >= 0 && seat < this.sources.length && this.sources[seat] === source ? seat : this.#enter(source, atMs);
    const at = own * numbersEach + placeOfKind(kind);
    this.numbers[at] = (this.numbers[at] ?? 0) + times;
    this.#seats.add(own, times);
  }

  /** What stands here, as a closed slice; then nobody does. */
  close(at: number): Slice {
    const { floor, sources, numbers } = this;
    const listed: Source[] = [];
    const copied = new Float64Array(sources.length * numbersEach);
    for (let place = 0; place < sources.length; place++) {
      const seat = this.#seats.at(place);
      listed.push(sources[seat] as Source);
      for (let number = 0; number < numbersEach; number++)
        copied[place * numbersEach + number] = numbers[seat * numbersEach + number] ?? 0;
    }
    this.#clear(false);
    return { at, floor, sources: listed, numbers: copied };
  }

  /** The heap as it stands, so that ties go on being broken in the same way. */
  save(): SavedOpen {
    const rows = this.sources.map((_, place): SavedRow => {
      const seat = this.#seats.at(place);
      const number = (at: number): number => this.numbers[seat * numbersEach + at] ?? 0;
      const seen = { messages: number(messages), connections: number(connections), rejects: number(rejects) };
      return [this.sources[seat]?.ip ?? "", this.#seats.counts[seat] ?? 0, number(error), number(firstMs), seen];
    });
    return [this.#seats.ordered, rows];
  }

  /** To be called on a fresh object. */
  restore([ordered, rows]: SavedOpen): void {
    this.#clear(ordered);
    for (const [ip, count, e, ms, seen] of rows.slice(0, this.#seats.counts.length)) {
      const source = this.#table.of(ip);
      this.#sit(source, this.#seats.take(count));
      this.numbers.set([seen.messages, seen.connections, seen.rejects, e, ms], source.seat * numbersEach);
    }
  }

  #enter(source: Source, atMs: EpochMs): number {
    const isFull = this.#seats.isFull;
    const seat = isFull ? this.#seats.least() : this.#seats.take();
    const from = seat * numbersEach;
    const { numbers } = this;
    numbers[from + messages] = numbers[from + connections] = numbers[from + rejects] = 0;
    numbers[from + error] = this.#seats.counts[seat] ?? 0;
    numbers[from + firstMs] = atMs;
    const gone = isFull ? this.sources[seat] : undefined;
    this.#sit(source, seat);
    if (gone !== undefined) {
      gone.slices -= 1;
      this.#table.release(gone);
    }
    return seat;
  }

  #sit(source: Source, seat: number): void {
    this.sources[seat] = source;
    source.seat = seat;
    source.slices += 1;
  }

  #clear(ordered: boolean): void {
    this.#seats.clear(ordered);
    this.sources.length = 0;
  }
}

type SavedRow = readonly [ip: string, count: number, error: number, firstMs: EpochMs, seen: SourceCounts];
export type SavedOpen = readonly [ordered: boolean, rows: readonly SavedRow[]];
