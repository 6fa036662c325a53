import type { EpochMs, PerSecond } from "@mailtide/shared";

/** A counter that only rises -> how fast, from one look to the next. One that fell was begun anew at zero. */
export class Rate {
  #before: { readonly value: number; readonly atMs: EpochMs } | null = null;

  /** Undefined at the first look, and where there is nothing to look at. */
  next(value: number | undefined, atMs: EpochMs): PerSecond | undefined {
    const before = this.#before;
    if (value === undefined) return undefined;
    if (before !== null && atMs <= before.atMs) return undefined;
    this.#before = { value, atMs };
    if (before === null) return undefined;
    const rise = value < before.value ? value : value - before.value;
    return (rise * 1_000) / (atMs - before.atMs);
  }
}
