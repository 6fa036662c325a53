import type { Millis } from "@mailtide/shared";

/** Counts of waits by their length: tenths of a second up to 100 s, steps of 0.2 % above. */
export type WaitCounts = Map<number, number>;

const linearMs = 100;
const linearCount = 1000;
const step = Math.log(1.002);

export function count(counts: WaitCounts, waitMs: Millis): void {
  const place =
    waitMs < linearMs * linearCount
      ? Math.floor(waitMs / linearMs)
      : linearCount + Math.floor(Math.log(waitMs / (linearMs * linearCount)) / step);
  counts.set(place, (counts.get(place) ?? 0) + 1);
}

/** The median of all that were counted and of `waiting` more that are longer than all of them; null: it is one of those. */
export function medianMs(list: readonly WaitCounts[], waiting: number): Millis | null {
  const sum: WaitCounts = new Map();
  let total = waiting;
  for (const counts of list) {
    for (const [place, number] of counts) {
      sum.set(place, (sum.get(place) ?? 0) + number);
      total += number;
    }
  }
  let left = Math.ceil(total / 2);
  for (const place of [...sum.keys()].sort((a, b) => a - b)) {
    left -= sum.get(place) ?? 0;
    if (left <= 0) return lengthOf(place);
  }
  return null;
}

const lengthOf = (place: number): Millis =>
  place < linearCount
    ? (place + 0.5) * linearMs
    : linearMs * linearCount * Math.exp((place - linearCount + 0.5) * step);
