import type { EpochMs } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";
import type { Unit } from "./unit.ts";

/** A unit that left with `queued as ID`, while that ID may still turn up in a watched node. */
export interface Handover {
  readonly unit: Unit;
  readonly from: EpochMs;
  readonly atMs: EpochMs;
}

const nobody: readonly Handover[] = [];
const keptMs = 60_000;
const most = 50_000;

/** Hand-overs whose other side has not been seen; after a minute they were departures. */
export class Joins {
  readonly pending = new InOrder<Handover[]>();
  #size = 0;

  add(id: string, handover: Handover): void {
    while (this.#size >= most) this.#dropFirst();
    const known = this.pending.get(id);
    if (known) known.push(handover);
    else this.pending.put(id, [handover]);
    this.#size += 1;
  }

  get areSome(): boolean {
    return this.#size > 0;
  }

  /** Those that this message, arrived then, may go on from. */
  claim(id: string, arrivalMs: EpochMs): readonly Handover[] {
    const known = this.pending.get(id);
    if (!known?.every((handover) => fits(handover, arrivalMs))) return nobody;
    this.pending.delete(id);
    this.#size -= known.length;
    return known;
  }

  advance(nowMs: EpochMs): void {
    for (let next = this.pending.oldest(); next !== undefined; next = this.pending.oldest()) {
      const first = next[1][0];
      if (first === undefined || first.atMs >= nowMs - keptMs) return;
      this.#dropFirst();
    }
  }

  #dropFirst(): void {
    this.#size -= this.pending.dropOldest()?.[1].length ?? 0;
  }
}

/** Two hosts' clocks and whole seconds may differ a little; a queue id of another day is another message. */
export function fits(handover: { readonly from: EpochMs; readonly atMs: EpochMs }, arrivalMs: EpochMs): boolean {
  return arrivalMs >= handover.from - 5_000 && arrivalMs <= handover.atMs + keptMs;
}
