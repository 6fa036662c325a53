import type { EpochMs, Share } from "@mailtide/shared";

class SliceShare {
  readonly slice: number;
  all: number;
  forged: number;

  constructor(slice: number, all = 0, forged = 0) {
    this.slice = slice;
    this.all = all;
    this.forged = forged;
  }
}

/** Of the unauthenticated messages to hosted domains, those forged by unknown sources, over five minutes. */
export class SpoofShare {
  #slices: SliceShare[] = [];
  #last = new SliceShare(-Infinity);

  add(forged: boolean, atMs: EpochMs): void {
    const slice = Math.floor(atMs / sliceMs);
    if (slice > this.#last.slice) {
      this.#last = new SliceShare(slice);
      this.#slices.push(this.#last);
      if (this.#slices.length > slices + 1) this.#slices.shift();
    }
    this.#last.all += 1;
    if (forged) this.#last.forged += 1;
  }

  /** Null while there was no such message: a share of nothing is not zero. */
  share(nowMs: EpochMs): Share | null {
    const from = Math.floor(nowMs / sliceMs) - slices;
    let all = 0;
    let forged = 0;
    for (const slice of this.#slices) {
      if (slice.slice <= from) continue;
      all += slice.all;
      forged += slice.forged;
    }
    return all === 0 ? null : forged / all;
  }

  save(): unknown {
    return this.#slices.map(({ slice, all, forged }) => [slice, all, forged]);
  }

  restore(saved: unknown): void {
    this.#slices = (saved as number[][]).map(([slice = 0, ...counts]) => new SliceShare(slice, ...counts));
    this.#last = this.#slices.at(-1) ?? new SliceShare(-Infinity);
  }
}

const sliceMs = 10_000;
const slices = 30;
