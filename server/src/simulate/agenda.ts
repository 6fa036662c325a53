import type { EpochMs } from "@mailtide/shared";

/** What is to happen and when: a binary heap, first come first served within one instant. */
export interface Agenda {
  readonly nowMs: EpochMs;
  /** An instant that is past happens now. */
  at(whenMs: EpochMs, what: () => void): void;
  /** Does everything due before the instant, in order, and stands at the instant afterwards. */
  runUntil(instantMs: EpochMs): void;
}

interface Entry {
  readonly whenMs: EpochMs;
  readonly order: number;
  readonly what: () => void;
}

export function createAgenda(startMs: EpochMs): Agenda {
  const heap: Entry[] = [];
  let nowMs = startMs;
  let order = 0;

  return {
    get nowMs() {
      return nowMs;
    },
    at(whenMs, what) {
      push(heap, { whenMs: Math.max(whenMs, nowMs), order: order++, what });
    },
    runUntil(instantMs) {
      for (let next = heap[0]; next !== undefined && next.whenMs < instantMs; next = heap[0]) {
        pop(heap);
        nowMs = next.whenMs;
        next.what();
      }
      nowMs = instantMs;
    },
  };
}

const before = (a: Entry, b: Entry) => a.whenMs < b.whenMs || (a.whenMs === b.whenMs && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let place = heap.length;
  heap.push(entry);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(entry, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    let below = heap[child];
    if (below === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, below)) {
      child++;
      below = right;
    }
    if (!before(below, last)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = last;
}
