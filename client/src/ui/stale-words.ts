import type { EpochMs } from "@mailtide/shared";
import type { Silence, Staleness } from "../live/model.ts";
import { text } from "../text/en.ts";
import type { Formats } from "./format.ts";

export interface StaleWords {
  readonly headline: string;
  readonly what: string;
  readonly problem: string | null;
}

/** What stands in the headline's place when the screen may not be believed. */
export function staleWords(stale: Staleness, formats: Formats, nowMs: EpochMs): StaleWords {
  const since = stale.sinceMs;
  // It may well speak: a clock that is wrong, a file of which only a part can be read.
  const fails = stale.kind === "collector" && stale.collector.state === "failing";
  const { noDataSince, noGoodDataSince, noDataYet } = text.verdict;
  const headline = since === null ? noDataYet : (fails ? noGoodDataSince : noDataSince)(formats.timeNear(since, nowMs));
  if (stale.kind === "frames") return { headline, what: text.freshness.framesStopped, problem: null };
  const more = stale.others > 0 ? ` ${text.freshness.more(stale.others)}` : "";
  return {
    headline,
    what: (fails ? text.freshness.collectorFails : text.freshness.collectorStopped)(stale.collector.id) + more,
    problem: stale.collector.problem,
  };
}

/** Who is silent while others speak. */
export function silentWords({ collectors }: Silence, formats: Formats, nowMs: EpochMs): string {
  const [first] = collectors;
  if (first === undefined) return "";
  const name = first.node ?? first.id;
  const words =
    first.lastDataMs === null
      ? text.freshness.silentYet(name)
      : (first.state === "failing" ? text.freshness.failsSince : text.freshness.silentSince)(
          name,
          formats.timeNear(first.lastDataMs, nowMs),
        );
  return collectors.length === 1 ? words : `${words}, ${text.freshness.silentMore(collectors.length - 1)}`;
}
