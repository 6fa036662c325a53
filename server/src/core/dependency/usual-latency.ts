import type { EpochMs, Seconds } from "@mailtide/shared";
import { LogHistogram } from "../sketch/histogram.ts";

/** Latencies of the present half day and the one before: old enough that an hour's trouble does not become usual. */
export class UsualLatency {
  #halfDay = -Infinity;
  #now = new LogHistogram();
  #before = new LogHistogram();
  /** Asked for every second, changed by a probe only. */
  #median: Seconds | null | undefined;

  add(atMs: EpochMs, seconds: Seconds): void {
    const halfDay = Math.floor(atMs / halfDayMs);
    if (halfDay > this.#halfDay) {
      this.#before = halfDay === this.#halfDay + 1 ? this.#now : new LogHistogram();
      this.#now = new LogHistogram();
      this.#halfDay = halfDay;
    }
    this.#now.add(seconds);
    this.#median = undefined;
  }

  medianSeconds(): Seconds | null {
    if (this.#median !== undefined) return this.#median;
    const both = LogHistogram.restore(this.#before.save());
    both.merge(this.#now);
    return (this.#median = both.count < fewest ? null : both.quantile(0.5));
  }

  save(): { halfDay: number | null; now: number[]; before: number[] } {
    const halfDay = Number.isFinite(this.#halfDay) ? this.#halfDay : null;
    return { halfDay, now: this.#now.save(), before: this.#before.save() };
  }

  static restore(saved: ReturnType<UsualLatency["save"]>): UsualLatency {
    const usual = new UsualLatency();
    usual.#halfDay = saved.halfDay ?? -Infinity;
    usual.#now = LogHistogram.restore(saved.now);
    usual.#before = LogHistogram.restore(saved.before);
    return usual;
  }
}

const halfDayMs = 12 * 3_600_000;
const fewest = 30;
