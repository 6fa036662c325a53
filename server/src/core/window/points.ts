import type { SiteId } from "@mailtide/shared";
import type { Point } from "../measurement.ts";
import { stagesOfDelays } from "./stages.ts";
import type { Window } from "./window.ts";

/** The one-second points of `mail_flow` and `mail_stage`. */
export function windowPoints(site: SiteId, window: Window): Point[] {
  const tags = { site, node: window.node };
  const points: Point[] = [{ measurement: "mail_flow", tags, atMs: window.startMs, fields: { ...window.counts } }];
  if (window.stages === null) return points;
  const histograms = window.stages.histograms();
  for (const stage of stagesOfDelays) {
    const median = histograms[stage].quantile(0.5);
    const p95 = histograms[stage].quantile(0.95);
    if (median === null || p95 === null) continue;
    points.push({
      measurement: "mail_stage",
      tags: { ...tags, stage },
      atMs: window.startMs,
      fields: { median_seconds: median, p95_seconds: p95 },
    });
  }
  return points;
}
