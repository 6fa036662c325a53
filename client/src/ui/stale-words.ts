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
  const headline = since === null ? text.verdict.noDataYet : text.verdict.noDataSince(formats.timeNear(since, nowMs));
  if (stale.kind === "frames") return { headline, what: text.freshness.framesStopped, problem: null };
  const more = stale.others > 0 ? ` ${text.freshness.more(stale.others)}` : "";
  return {
    headline,
    what: text.freshness.collectorStopped(stale.collector.id) + more,
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
      : text.freshness.silentSince(name, formats.timeNear(first.lastDataMs, nowMs));
  return collectors.length === 1 ? words : `${words}, ${text.freshness.silentMore(collectors.length - 1)}`;
}
