import type { EpochMs, Share } from "@mailtide/shared";

/** Of the unauthenticated messages to hosted domains, those forged by unknown sources, over five minutes. */
export class SpoofShare {
  #slices: { readonly slice: number; all: number; forged: number }[] = [];

  add(forged: boolean, atMs: EpochMs): void {
    let last = this.#slices.at(-1);
    const slice = Math.max(Math.floor(atMs / sliceMs), last?.slice ?? -Infinity);
    if (last?.slice !== slice) {
      last = { slice, all: 0, forged: 0 };
      this.#slices.push(last);
      if (this.#slices.length > slices + 1) this.#slices.shift();
    }
    last.all += 1;
    if (forged) last.forged += 1;
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
    this.#slices = (saved as number[][]).map(([slice = 0, all = 0, forged = 0]) => ({ slice, all, forged }));
  }
}

const sliceMs = 10_000;
const slices = 30;
