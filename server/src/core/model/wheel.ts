import type { EpochMs } from "@mailtide/shared";
import { eachInSteps, type Steps } from "../steps.ts";
import type { Unit } from "./unit.ts";

/** Units by the second in which time alone may change them. An entry that a later line overtook finds nothing to do. */
export class Wheel {
  readonly #slots = new Map<number, Unit[]>();
  second = Number.MIN_SAFE_INTEGER;

  add(unit: Unit, atMs: EpochMs): void {
    if (atMs >= Number.MAX_SAFE_INTEGER) return;
    const second = Math.max(Math.ceil(atMs / 1_000), this.second + 1);
    const slot = this.#slots.get(second);
    if (slot) slot.push(unit);
    else this.#slots.set(second, [unit]);
  }

  /** A whole queue that was taken over at once may have its next try in one second. */
  *advance(nowMs: EpochMs, turn: (unit: Unit) => void): Steps {
    const second = Math.floor(nowMs / 1_000);
    if (second <= this.second) return;
    const few = second - this.second <= this.#slots.size;
    const passed = few
      ? range(this.second + 1, second)
      : [...this.#slots.keys()].filter((slot) => slot <= second).sort((a, b) => a - b);
    this.second = second;
    for (const slot of passed) {
      const units = this.#slots.get(slot);
      if (!units) continue;
      this.#slots.delete(slot);
      yield* eachInSteps(units, turn, unitsPerStep);
    }
  }
}

/** One takes a microsecond or two, and twenty as long as the engine has not compiled what is done with it. */
const unitsPerStep = 50;

function* range(from: number, to: number): Generator<number> {
  for (let i = from; i <= to; i++) yield i;
}
