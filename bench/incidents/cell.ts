import type { PerSecond } from "@mailtide/shared";
import { createCalendar } from "../../server/src/simulate/scenario/calendar.ts";
import { readScenario } from "../../server/src/simulate/scenario/read.ts";
import type { Scenario } from "../../server/src/simulate/scenario/schema.ts";
import { atRate } from "../../server/src/simulate/scenario/vary.ts";
import type { Variation } from "../../server/src/simulate/index.ts";

/** One run of one day. Plain data: it is sent to another process. */
export interface Cell {
  readonly scenario: string;
  readonly seed: number;
  readonly variation: Variation;
  readonly rate: PerSecond;
  /** Only this stretch of it, local time. */
  readonly span?: { readonly from: string; readonly to: string };
}

/** The file it is written in. */
export const scenarioPath = (id: string): string => `scenarios/${id}.yaml`;
export const nameOf = ({ scenario, seed }: Cell): string => `${scenario} #${seed}`;

/** The day of a cell before it is varied: at its rate, of its stretch. */
export async function scenarioOf({ scenario: id, rate, span }: Cell): Promise<Scenario> {
  const scenario = atRate(await readScenario(scenarioPath(id)), rate);
  if (span === undefined) return scenario;
  const touches = ({ at, until }: { readonly at: string; readonly until?: string | undefined }) =>
    at < span.to && (until ?? at) >= span.from;
  return {
    ...scenario,
    ...span,
    events: scenario.events.filter(touches),
    changes: scenario.changes.filter(touches),
  };
}

/** Seconds of time that it plays. */
export function lengthSeconds(scenario: Scenario): number {
  const { fromMs, toMs } = createCalendar(scenario);
  return (toMs - fromMs) / 1000;
}
