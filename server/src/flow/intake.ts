import type { CollectorId } from "@mailtide/shared";
import type { Batch } from "../collect/collector.ts";
import type { Observation } from "../core/observation.ts";
import { inSlices } from "../loop/slice.ts";
import { inParts, type Weighed } from "./listing-parts.ts";

export interface Taken {
  readonly observations: readonly Observation[];
  readonly positions: ReadonlyMap<CollectorId, unknown>;
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
    const rooms = this.#rooms;
    this.#rooms = [];
    for (const room of rooms) room();
    return { observations, positions, committed: () => told.forEach((tell) => tell()) };
  }

  close(): void {
    this.#closed = true;
    for (const room of this.#rooms) room();
    this.#rooms = [];
  }
}
