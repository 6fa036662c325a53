import type { StageName } from "@mailtide/shared";
import { LogHistogram } from "../sketch/histogram.ts";

export type StageHistograms = Record<StageName, LogHistogram>;

/** Stage of each place of Postfix' `delays=a/b/c/d` (postconf(5), delay_logging_resolution_limit). */
export const stagesOfDelays = [
  "beforeQueueManager",
  "inQueueManager",
  "connectionSetup",
  "transmission",
] as const satisfies readonly StageName[];

export const noStages = (): StageHistograms => ({
  beforeQueueManager: new LogHistogram(),
  inQueueManager: new LogHistogram(),
  connectionSetup: new LogHistogram(),
  transmission: new LogHistogram(),
});

/** Delays of what was sent in a second, by stage. Put in histograms when somebody looks: of a fast replay hardly anybody does. */
export class StageDelays {
  /** Those that are in no histogram yet, four of each delivery. */
  #waiting: number[] = [];
  #histograms: StageHistograms | null;

  constructor(histograms: StageHistograms | null = null) {
    this.#histograms = histograms;
  }

  add(delays: readonly [number, number, number, number]): void {
    this.#waiting.push(delays[0], delays[1], delays[2], delays[3]);
  }

  merge(other: StageDelays): void {
    const [into, from] = [this.histograms(), other.histograms()];
    for (const stage of stagesOfDelays) into[stage].merge(from[stage]);
  }

  histograms(): StageHistograms {
    const histograms = (this.#histograms ??= noStages());
    if (this.#waiting.length === 0) return histograms;
    for (const [place, stage] of stagesOfDelays.entries())
      for (let at = place; at < this.#waiting.length; at += stagesOfDelays.length)
        histograms[stage].add(this.#waiting[at] ?? 0);
    this.#waiting = [];
    return histograms;
  }
}
