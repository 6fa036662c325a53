import type { CollectorId } from "@mailtide/shared";
import type { Batch } from "../collect/collector.ts";
import type { HealthObservation, Observation } from "../core/observation.ts";
import { inSlices } from "../loop/slice.ts";
import { inParts, type Weighed } from "./listing-parts.ts";

export interface Taken {
  readonly observations: readonly Observation[];
  readonly positions: ReadonlyMap<CollectorId, unknown>;
  /** The newest word of each collector of those that hold now. */
  readonly health: readonly HealthObservation[];
  /** To be called once what was taken is durable. */
  committed(): void;
}

/**
 * The bounded queue between collectors and the pipeline. Facts and the position behind them enter and leave together.
 * Nothing is dropped here: a collector that is faster than the pipeline waits, and its source keeps the rest.
 */
export class Intake {
  readonly #limit: number;
  #batches: (Weighed & { readonly collector: CollectorId })[] = [];
  /** By the work that they make: nearly all weigh 1. */
  #waitingFacts = 0;
  /** How many batches, or parts of them, have come in and gone out. */
  #came = 0;
  #went = 0;
  #words: Words[] = [];
  #rooms: (() => void)[] = [];
  #closed = false;

  /** `limit`: how many facts may wait before collectors are held back. */
  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  get waitingFacts(): number {
    return this.#waitingFacts;
  }

  /** Resolves once the batch is in; a closed intake never takes it, so that its position is not committed. */
  async put(collector: CollectorId, batch: Batch): Promise<void> {
    while (this.#waitingFacts >= this.#limit && !this.#closed) {
      await new Promise<void>((resolve) => this.#rooms.push(resolve));
    }
    const parts = await inSlices(inParts(batch));
    // All of it or nothing: the position goes with the last.
    if (this.#closed) return;
    for (const part of parts) {
      this.#batches.push({ ...part, collector });
      this.#waitingFacts += part.weight;
    }
    this.#came += parts.length;
  }

  /**
   * What a collector says of itself holds once what came in before is taken: that it has read all there was makes no screen
   * fresh that does not show it yet.
   */
  say(word: HealthObservation): void {
    const last = this.#words.at(-1);
    if (last !== undefined && (last.behind === this.#came || this.#words.length >= mostWords)) {
      last.behind = this.#came;
      last.of.set(word.collector, word);
    } else this.#words.push({ behind: this.#came, of: new Map([[word.collector, word]]) });
  }

  /** Whole batches, oldest first, until `atMost` facts are reached. */
  take(atMost: number): Taken {
    const observations: Observation[] = [];
    const positions = new Map<CollectorId, unknown>();
    const told: (() => void)[] = [];
    let count = 0;
    let weight = 0;
    while (count < this.#batches.length && weight < atMost) {
      const next = this.#batches[count++];
      if (next === undefined) break;
      weight += next.weight;
      for (const observation of next.batch.observations) observations.push(observation);
      if (next.batch.position !== undefined) positions.set(next.collector, next.batch.position);
      if (next.batch.committed !== undefined) told.push(next.batch.committed);
    }
    this.#batches = this.#batches.slice(count);
    this.#waitingFacts -= weight;
    this.#went += count;
    const rooms = this.#rooms;
    this.#rooms = [];
    for (const room of rooms) room();
    return { observations, positions, health: this.#heard(), committed: () => told.forEach((tell) => tell()) };
  }

  #heard(): readonly HealthObservation[] {
    const heard = new Map<CollectorId, HealthObservation>();
    while ((this.#words[0]?.behind ?? Infinity) <= this.#went)
      for (const [collector, word] of this.#words.shift()?.of ?? []) heard.set(collector, word);
    return [...heard.values()];
  }

  close(): void {
    this.#closed = true;
    for (const room of this.#rooms) room();
    this.#rooms = [];
  }
}

/** Of each collector the newest, while nothing came in between. */
interface Words {
  behind: number;
  readonly of: Map<CollectorId, HealthObservation>;
}

/** Those that come while so many wait hold with the last of all. */
const mostWords = 1_000;
