import type { DelaySection, EpochMs } from "@mailtide/shared";
import type { Sections } from "../../core/detect/rule.ts";
import { iso } from "./instant.ts";
import type { ReportDelayRow } from "./schema.ts";

/** What a row is made of. */
export type Measured = Pick<Sections, "delay" | "freshness">;

/** What the screen said at an instant. */
export function delayRow(atMs: EpochMs, site: string, { delay, freshness }: Measured): ReportDelayRow {
  const { stuck, expected } = delay;
  return {
    at: iso(atMs),
    site,
    headlineSeconds: delay.headlineSeconds,
    lateShare: delay.lateShare,
    typicalSeconds: delay.typicalSeconds,
    stuck: { count: stuck.count, oldestSeconds: stuck.oldestSeconds },
    expectedWaitSeconds: expected.seconds,
    expectedWaitLowSeconds: expected.lowSeconds,
    expectedWaitHighSeconds: expected.highSeconds,
    ...recoveryOf(delay.recovery),
    waitingAtSendersSeconds: delay.atSenders?.seconds ?? 0,
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
