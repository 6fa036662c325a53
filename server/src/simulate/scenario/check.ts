import { IANAZone } from "luxon";
import { createCalendar } from "./calendar.ts";
import type { Scenario } from "./schema.ts";

/** What is wrong although every key has a valid form. `word`: a name that does not exist, among those that do. */
export type ScenarioProblem = { readonly path: readonly PropertyKey[]; readonly message: string } & (
  | { readonly word: string; readonly valid: readonly string[] }
  | { readonly word?: undefined; readonly valid?: undefined }
);

const mostEvents = 12;

export function findProblems(scenario: Scenario): ScenarioProblem[] {
  if (!IANAZone.isValidZone(scenario.timezone)) {
    return [{ path: ["timezone"], message: `"${scenario.timezone}" is not an IANA time zone such as Europe/Berlin` }];
  }
  const times = timeProblems(scenario);
  // Without sound times the rest cannot be looked at.
  if (times.length > 0) return times;
  return [...nameProblems(scenario), ...senseProblems(scenario)];
}

function timeProblems(scenario: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const { from, to, arrivals, events, changes } = scenario;
  const real = (path: readonly PropertyKey[], local: string) => {
    if (!isRealDate(local)) problems.push({ path, message: `${local} is in no calendar` });
  };
  real(["from"], from);
  real(["to"], to);
  arrivals.holidays.forEach((day, index) => real(["arrivals", "holidays", index], day));
  arrivals.rhythm.forEach(([at], index) => {
    if (index > 0 && at <= (arrivals.rhythm[index - 1]?.[0] ?? "")) {
      problems.push({ path: ["arrivals", "rhythm", index], message: `${at} does not come after the point before it` });
    }
  });
  const inside = (list: string, items: readonly { at: string; until?: string | undefined }[]) =>
    items.forEach(({ at, until = at }, index) => {
      real([list, index, "at"], at);
      real([list, index, "until"], until);
      if (at < from || at > to) problems.push({ path: [list, index, "at"], message: `${at} is not within the day` });
      if (until > to) problems.push({ path: [list, index, "until"], message: `${until} is not within the day` });
      if (until < at) problems.push({ path: [list, index, "until"], message: `${until} is before ${at}` });
    });
  if (to <= from) problems.push({ path: ["to"], message: `${to} is not after ${from}` });
  inside("events", events);
  inside("changes", changes);
  return problems;
}

function nameProblems(scenario: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const { platform, events } = scenario;
  const { inbound, filter, delivery, nodes } = platform;
  const dependencies = scenario.dependencies.map(({ id }) => id);
  const dependency = (path: readonly PropertyKey[], id: string) => {
    if (dependencies.includes(id)) return;
    problems.push({ path, message: `there is no dependency "${id}"`, word: id, valid: dependencies });
  };
  const unique = (path: readonly PropertyKey[], ids: readonly string[]) => {
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) problems.push({ path, message: `"${twice}" stands there twice` });
  };

  unique(["platform", "nodes"], nodes);
  unique(["dependencies"], dependencies);
  inbound.asks.forEach((id, index) => dependency(["platform", "inbound", "asks", index], id));
  if (inbound.logsRefusalsTo !== undefined) {
    dependency(["platform", "inbound", "logsRefusalsTo"], inbound.logsRefusalsTo);
  }
  filter?.asks.forEach((ask, index) => dependency(["platform", "filter", "asks", index, "dependency"], ask.dependency));
  delivery.asks.forEach((id, index) => dependency(["platform", "delivery", "asks", index], id));
  events.forEach((event, index) => {
    if (event.what === "dependency") dependency(["events", index, "id"], event.id);
    if (!("nodes" in event)) return;
    event.nodes?.forEach((node, number) => {
      if (nodes.includes(node)) return;
      const path = ["events", index, "nodes", number];
      problems.push({ path, message: `there is no node "${node}"`, word: node, valid: nodes });
    });
  });
  return problems;
}

function senseProblems(scenario: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const { platform, population, events, changes } = scenario;
  const said = (path: readonly PropertyKey[], message: string) => problems.push({ path, message });
  if (events.length + changes.length > mostEvents) {
    said(["events"], `${events.length} events and ${changes.length} changes are more than ${mostEvents}`);
  }
  const usual = busiestHour(scenario);
  for (const stage of ["filter", "delivery"] as const) {
    const capacity = platform[stage]?.capacity;
    if (capacity === undefined || capacity > usual) continue;
    said(["platform", stage, "capacity"], `${capacity} is not enough for an ordinary day, which needs ${usual}`);
  }
  events.forEach((event, index) => {
    const path = ["events", index];
    const { what } = event;
    if (what === "block-by-hand" && !events.some((other) => other.what === "flood")) {
      said(path, "there is no flood whose sources could be blocked");
    }
    if (what === "flood" && event.stoppedBy === "postscreen" && !platform.postscreen.enabled) {
      said([...path, "stoppedBy"], "platform.postscreen.enabled is false");
    }
    if (what === "destinations" && event.operators > population.operators) {
      said([...path, "operators"], `${event.operators} is more than the ${population.operators} of the population`);
    }
    if (what === "capacity" && event.stage === "filter" && platform.filter === null) {
      said([...path, "stage"], "the platform has no filter");
    }
  });
  return problems;
}

/** What the platform must be able to do when nothing is wrong: the mean of the busiest hour, as a multiple of `rate`. */
function busiestHour(scenario: Scenario): number {
  const calendar = createCalendar(scenario);
  const hourMs = 3_600_000;
  let most = 0;
  for (let atMs = calendar.fromMs; atMs < calendar.toMs; atMs += hourMs) most = Math.max(most, calendar.rhythm(atMs));
  return Math.round(most * 100) / 100;
}

/** Date.parse turns 30 February into the first of March. */
function isRealDate(local: string): boolean {
  const parsed = new Date(local.length === 10 ? `${local}T00:00Z` : `${local}Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(local.slice(0, 10));
}
