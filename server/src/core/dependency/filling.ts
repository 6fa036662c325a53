import type { EpochMs, Seconds, Share } from "@mailtide/shared";
import type { ProbeObservation } from "../observation.ts";

/** What a disk had to spare at some time: space beyond what mail needs, and inodes. */
type Sample = readonly [atMs: EpochMs, space: Share, inodes: Share];

/**
 * When a disk will have no room for mail, by how it filled in the last quarter of an hour. Told no further ahead than four
 * times as long as it was watched, and only while it goes on: what filled over the whole time and over the last third of it
 * counts as slow as the slower of the two. A file that is written and gone again moves neither for long.
 */
export class Filling {
  #samples: Sample[];

  constructor(samples: readonly Sample[] = []) {
    this.#samples = [...samples];
  }

  /** Whether anything was kept: one a minute is. */
  add({ atMs, details }: ProbeObservation): boolean {
    const last = this.#samples.at(-1);
    if (details?.freeShare === undefined || (last !== undefined && atMs < last[0] + stepMs)) return false;
    // A hole in the watch is no trend.
    if (last !== undefined && atMs > last[0] + 3 * stepMs) this.#samples = [];
    const space = Math.max(0, details.freeShare - (details.mailNeedsShare ?? 0));
    this.#samples.push([atMs, space, details.freeInodesShare ?? 1]);
    if (this.#samples.length > mostSamples) this.#samples.shift();
    return true;
  }

  /** Null where it does not fill, or not so that anything could be told. */
  fullInSeconds(): Seconds | null {
    const last = this.#samples.at(-1);
    const first = this.#samples[0];
    if (last === undefined || first === undefined || this.#samples.length < fewestSamples) return null;
    const recent = this.#samples.at(Math.floor((-1 - this.#samples.length) / 3)) ?? first;
    const watchedSeconds = (last[0] - first[0]) / 1000;
    const left = [1, 2].flatMap((which) => {
      const has = last[which] ?? 0;
      // Plenty is left: whoever copies something large is nearly always done before that is gone.
      if (has > plenty) return [];
      const rate = Math.min(rateOf(first, last, which), rateOf(recent, last, which));
      return rate > 0 ? [has / rate] : [];
    });
    const seconds = Math.min(...left);
    return seconds <= 4 * watchedSeconds ? Math.round(seconds) : null;
  }

  save(): readonly Sample[] {
    return this.#samples;
  }
}

const stepMs = 60_000;
const mostSamples = 16;
const fewestSamples = 6;
const plenty = 0.25;

/** Shares a second that went. */
const rateOf = (from: Sample, to: Sample, which: number): number =>
  ((from[which] ?? 0) - (to[which] ?? 0)) / ((to[0] - from[0]) / 1000);
