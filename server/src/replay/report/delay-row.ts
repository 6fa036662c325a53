import type { DelaySection, EpochMs, LiveState } from "@mailtide/shared";
import { iso } from "./instant.ts";
import type { ReportDelayRow } from "./schema.ts";

/** What the screen said at an instant. */
export function delayRow(atMs: EpochMs, { meta, delay, freshness }: LiveState): ReportDelayRow {
  const { stuck, expected } = delay;
  return {
    at: iso(atMs),
    site: meta.site.id,
    headlineSeconds: delay.headlineSeconds,
    lateShare: delay.lateShare,
    typicalSeconds: delay.typicalSeconds,
    stuck: { count: stuck.count, oldestSeconds: stuck.oldestSeconds },
    expectedWaitSeconds: expected.seconds,
    expectedWaitLowSeconds: expected.lowSeconds,
    expectedWaitHighSeconds: expected.highSeconds,
    ...recoveryOf(delay.recovery),
    complete: freshness.complete && !delay.atLeast,
  };
}

function recoveryOf({ state, atMs, lowMs, highMs }: DelaySection["recovery"]) {
  return {
    recovery: state,
    ...(atMs === null ? {} : { recoveryAt: iso(atMs) }),
    ...(lowMs === null ? {} : { recoveryLowAt: iso(lowMs) }),
    ...(highMs === null ? {} : { recoveryHighAt: iso(highMs) }),
  };
}

/** A minute in which the recorded server was not there. */
export const unknownRow = (atMs: EpochMs, site: string): ReportDelayRow => ({
  at: iso(atMs),
  site,
  headlineSeconds: null,
  lateShare: null,
  typicalSeconds: null,
  stuck: { count: 0, oldestSeconds: null },
  expectedWaitSeconds: null,
  expectedWaitLowSeconds: null,
  expectedWaitHighSeconds: null,
  recovery: "unknown",
  complete: false,
});
