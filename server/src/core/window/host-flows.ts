import { type EpochMs, type HostCourse, hostFlows, type HostRates, type StageSection } from "@mailtide/shared";
import { RecentStages } from "./recent-stages.ts";
import { addFlow, type FlowCounts, noFlow, type Window } from "./window.ts";

/** What one node did lately. */
export interface HostFlows {
  /** Over the last minute; null when it was not watched for most of it. */
  readonly perSecond: HostRates | null;
  /** Of nearly the last quarter of an hour. */
  readonly course: HostCourse;
  /** Over the last five minutes of deliveries. */
  readonly stages: StageSection["stages"];
}

/** From its closed windows, oldest first; those from `untilMs` on are not closed yet. */
export function hostFlowsOf(windows: readonly Window[], untilMs: EpochMs): HostFlows {
  const stages = new RecentStages();
  for (const window of since(windows, untilMs - 5 * minuteMs)) stages.add(window);
  return {
    perSecond: ratesOf(since(windows, untilMs - minuteMs)),
    course: courseOf(windows, untilMs),
    ...stages.section(),
  };
}

function ratesOf(windows: readonly Window[]): HostRates | null {
  if (windows.length < leastSeconds) return null;
  const total = noFlow();
  for (const { counts } of windows) addFlow(total, counts);
  return Object.fromEntries(hostFlows.map((flow) => [flow, total[flow] / windows.length])) as HostRates;
}

/** Steps begin at whole ones, so that a step that was drawn stays as it is. */
function courseOf(windows: readonly Window[], untilMs: EpochMs): HostCourse {
  const endMs = Math.floor(untilMs / stepMs) * stepMs;
  const fromMs = endMs - steps * stepMs;
  const sums = Array.from({ length: steps }, () => ({ seconds: 0, counts: noFlow() }));
  for (const { startMs, counts } of since(windows, fromMs)) {
    const sum = sums[Math.floor((startMs - fromMs) / stepMs)];
    if (sum === undefined) continue;
    sum.seconds += 1;
    addFlow(sum.counts, counts);
  }
  const column = (field: keyof FlowCounts) =>
    sums.map(({ seconds, counts }) => (seconds < stepMs / 1_000 ? null : counts[field]));
  return {
    stepSeconds: stepMs / 1_000,
    accepted: column("accepted"),
    sent: column("sent"),
    deferred: column("deferred"),
  };
}

function since(windows: readonly Window[], fromMs: EpochMs): readonly Window[] {
  return windows.slice(windows.findLastIndex(({ startMs }) => startMs < fromMs) + 1);
}

const minuteMs = 60_000;
const leastSeconds = 30;
const stepMs = 30_000;
/** Whole ones, of the quarter of an hour that windows are kept. */
const steps = 29;
