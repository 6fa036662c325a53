import type { EpochMs, StageSection } from "@mailtide/shared";
import { noStages, stagesOfDelays, type StageHistograms, type Window } from "./window.ts";

/** Stage delays over the last windows: each is added when it closes and taken out when it is too old. */
export class RecentStages {
  readonly #total = noStages();
  #windows: { readonly startMs: EpochMs; readonly stages: StageHistograms }[] = [];

  add({ startMs, stages }: Window): void {
    if (stages === null) return;
    this.#windows.push({ startMs, stages });
    for (const stage of stagesOfDelays) this.#total[stage].merge(stages[stage]);
  }

  forget(beforeMs: EpochMs): void {
    for (let first = this.#windows[0]; first !== undefined && first.startMs < beforeMs; first = this.#windows[0]) {
      this.#windows.shift();
      for (const stage of stagesOfDelays) this.#total[stage].subtract(first.stages[stage]);
    }
  }

  section(): StageSection {
    return {
      stages: stagesOfDelays.map((name) => ({
        name,
        medianSeconds: this.#total[name].quantile(0.5),
        p95Seconds: this.#total[name].quantile(0.95),
      })),
    };
  }
}
