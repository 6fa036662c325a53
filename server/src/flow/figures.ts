import type { CollectorId, Millis } from "@mailtide/shared";
import type { MailEvent } from "../core/event.ts";
import type { Observation } from "../core/observation.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { SeriesStore } from "../store/series.ts";

type Counts = Pick<Metrics, "linesRead" | "dropped">;

/** Of what a collector hands on: lines, those that were understood, and what is known to have been lost on the way to it. */
export function countTaken(metrics: Counts, collector: CollectorId, observations: readonly Observation[]): void {
  let lines = 0;
  let understood = 0;
  for (const observation of observations) {
    if (observation.kind === "log") {
      lines += 1;
      if (isUnderstood(observation.event)) understood += 1;
    } else if (observation.kind === "loss") metrics.dropped(collector, observation.because, observation.lines);
    else if (observation.kind === "queue" && observation.unknownDropped > 0)
      metrics.dropped(collector, "unknown-beyond-limit", observation.unknownDropped);
  }
  if (lines > 0) metrics.linesRead(collector, lines, understood);
}

/** The same store, whose writes are counted, and what it can never take. */
export function countedWrites(
  series: Pick<SeriesStore, "write">,
  metrics: Pick<Metrics, "seriesWritten" | "dropped">,
  nowMs: () => Millis,
): Pick<SeriesStore, "write"> {
  return {
    async write(tier, points) {
      const startedMs = nowMs();
      const tell = (outcome: "ok" | "failed", written: number): void =>
        metrics.seriesWritten(outcome, written, (nowMs() - startedMs) / 1000);
      try {
        const done = await series.write(tier, points);
        tell("ok", done.written);
        if (done.dropped > 0) metrics.dropped("series", "refused", done.dropped);
        return done;
      } catch (error) {
        tell("failed", 0);
        throw error;
      }
    },
  };
}

/** What is `other` and names no action is a line that nothing was made of. */
const isUnderstood = ({ event, action }: MailEvent): boolean => event !== "other" || action !== undefined;
