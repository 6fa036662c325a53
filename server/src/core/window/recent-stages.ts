import type { EpochMs, StageSection } from "@mailtide/shared";
import { noStages, type StageDelays, stagesOfDelays } from "./stages.ts";
import type { Window } from "./window.ts";

/** Stage delays over the last windows: each is added when somebody looks and taken out when it is too old. */
export class RecentStages {
  readonly #total = noStages();
  #windows: { readonly startMs: EpochMs; readonly stages: StageDelays }[] = [];
  /** So many of them, the oldest, are in the total. */
  #added = 0;

  add({ startMs, stages }: Window): void {
    if (stages === null) return;
    this.#windows.push({ startMs, stages });
  }

  forget(beforeMs: EpochMs): void {
    for (let first = this.#windows[0]; first !== undefined && first.startMs < beforeMs; first = this.#windows[0]) {
      this.#windows.shift();
      if (this.#added === 0) continue;
      this.#added -= 1;
      const old = first.stages.histograms();
      for (const stage of stagesOfDelays) this.#total[stage].subtract(old[stage]);
    }
  }

  section(): StageSection {
    for (const { stages } of this.#windows.slice(this.#added)) {
      const young = stages.histograms();
      for (const stage of stagesOfDelays) this.#total[stage].merge(young[stage]);
    }
    this.#added = this.#windows.length;
    return {
      stages: stagesOfDelays.map((name) => ({
        name,
        medianSeconds: this.#total[name].quantile(0.5),
        p95Seconds: this.#total[name].quantile(0.95),
      })),
    };
  }
}
