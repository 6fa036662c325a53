import type { EpochMs } from "@mailtide/shared";
import type { InSlot, InWindow, Operator, Tried } from "./operator.ts";

const slotMs = 30_000;
/** The one that is being filled, and as many as hold five minutes. */
const slots = 11;
/** Operators in the last five minutes; tries of more are counted in `dropped`. */
const mostOperators = 20_000;
/** In so many counts an operator is found without being looked for. */
const mostRemembered = 64;

/** How often each operator was tried in the last five minutes, and how often in vain. */
export class Tries {
  readonly window = new Map<string, InWindow>();
  dropped = 0;
  /** Of those in the window, how many are hit. */
  hits = 0;
  readonly #number: number;
  #slots: [slot: number, tried: InSlot[]][] = [];

  /** `number` tells this count from others of the same operators. */
  constructor(number: number) {
    this.#number = number;
  }

  note(operator: Operator, isFailed: boolean, atMs: EpochMs): void {
    const slot = Math.floor(atMs / slotMs);
    const newest = this.#slots.at(-1);
    // A late line counts with the newest.
    if (newest === undefined || slot > newest[0]) this.#slots.push([slot, []]);
    const counted = this.#slots.at(-1);
    if (counted === undefined) return;
    const inWindow = this.#inWindow(operator);
    if (inWindow === null) {
      this.dropped += 1;
      return;
    }
    const fails = isFailed ? 1 : 0;
    this.#count(inWindow, 1, fails);
    if (inWindow.slot === counted[0] && inWindow.inSlot !== null) {
      inWindow.inSlot.tries += 1;
      inWindow.inSlot.fails += fails;
    } else {
      inWindow.slot = counted[0];
      inWindow.inSlot = { of: inWindow, tries: 1, fails };
      counted[1].push(inWindow.inSlot);
    }
  }

  advance(nowMs: EpochMs): void {
    const oldest = Math.floor(nowMs / slotMs) - slots;
    while ((this.#slots[0]?.[0] ?? Infinity) <= oldest) {
      for (const { of: left, tries, fails } of this.#slots.shift()?.[1] ?? []) {
        this.#count(left, -tries, -fails);
        if (left.tries > 0) continue;
        left.gone = true;
        this.window.delete(left.operator);
      }
    }
  }

  save(): SavedTries {
    return this.#slots.map(([slot, tried]) => [
      slot,
      tried.map(({ of: { operator }, tries, fails }) => [operator, tries, fails]),
    ]);
  }

  restore(saved: SavedTries): void {
    this.window.clear();
    this.hits = 0;
    this.#slots = saved.map(([slot, rows]) => [
      slot,
      rows.map(([operator, tries, fails]) => {
        const of = this.#named(operator);
        this.#count(of, tries, fails);
        of.slot = slot;
        return (of.inSlot = { of, tries, fails });
      }),
    ]);
  }

  /** Null when there are too many operators. */
  #inWindow(operator: Operator): InWindow | null {
    const before = operator.counted[this.#number];
    if (before !== undefined && !before.gone) return before;
    if (this.window.size >= mostOperators && !this.window.has(operator.name)) return null;
    const found = this.#named(operator.name);
    if (this.#number < mostRemembered) operator.counted[this.#number] = found;
    return found;
  }

  #named(operator: string): InWindow {
    let tried = this.window.get(operator);
    if (tried === undefined)
      this.window.set(
        operator,
        (tried = { operator, tries: 0, fails: 0, slot: Number.NaN, inSlot: null, gone: false }),
      );
    return tried;
  }

  #count(tried: InWindow, tries: number, fails: number): void {
    if (isHit(tried)) this.hits -= 1;
    tried.tries += tries;
    tried.fails += fails;
    if (isHit(tried)) this.hits += 1;
  }
}

/** More than half of its tries, at least two, were in vain. */
export const isHit = ({ tries, fails }: Tried): boolean => tries >= 2 && 2 * fails > tries;

export type SavedTries = [slot: number, [operator: string, tries: number, fails: number][]][];
