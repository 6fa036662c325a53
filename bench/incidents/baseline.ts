import type { Seconds, Share } from "@mailtide/shared";
import type { DayScore } from "./score.ts";

/** What a change of the product must not make worse, of one run of each day. */
export interface Baseline {
  readonly simulatorVersion: number;
  readonly days: Readonly<Record<string, BaselineDay>>;
}

export interface BaselineDay {
  /** In the order of the expectations. `seconds` null: missed. */
  readonly says: readonly { readonly causes: string; readonly seconds: Seconds | null; readonly inTime: boolean }[];
  readonly medianError: Share | null;
  readonly statedMet: number;
  readonly falsePages: number;
  readonly falseTickets: number;
}

/** The headline's median error may grow by so much: another order of events moves it a little. */
const errorMargin: Share = 0.03;

export const baselineOf = (simulatorVersion: number, scores: readonly DayScore[]): Baseline => ({
  simulatorVersion,
  days: Object.fromEntries(scores.map((score) => [score.scenario, dayOf(score)])),
});

function dayOf({ says, headline, stated, pages }: DayScore): BaselineDay {
  return {
    says: says.map(({ causes, seconds, inTime }) => ({ causes: causes.join(" or "), seconds, inTime })),
    medianError: headline.medianError === null ? null : Math.round(headline.medianError * 1e4) / 1e4,
    statedMet: stated.filter(({ ok }) => ok).length,
    falsePages: pages.falsePages,
    falseTickets: pages.falseTickets,
  };
}

/** What is worse than it was, and what is better, in words. */
export function compare(
  before: Baseline,
  now: Baseline,
): { readonly worse: readonly string[]; readonly better: readonly string[] } {
  const worse: string[] = [];
  const better: string[] = [];
  if (before.simulatorVersion !== now.simulatorVersion)
    worse.push(`the baseline is of simulator ${before.simulatorVersion}, this is ${now.simulatorVersion}: other days`);
  for (const id of Object.keys(before.days)) if (now.days[id] === undefined) worse.push(`${id}: was not played`);
  for (const [id, day] of Object.entries(now.days)) {
    const old = before.days[id];
    if (old === undefined) {
      worse.push(`${id}: is not in the baseline`);
      continue;
    }
    const told = compareDay(old, day);
    worse.push(...told.worse.map((text) => `${id}: ${text}`));
    better.push(...told.better.map((text) => `${id}: ${text}`));
  }
  return { worse, better };
}

function compareDay(old: BaselineDay, day: BaselineDay): { worse: string[]; better: string[] } {
  const worse: string[] = [];
  const better: string[] = [];
  for (const said of day.says) {
    const was = old.says.find(({ causes }) => causes === said.causes) ?? { seconds: null, inTime: false };
    const step = Number(said.seconds !== null) - Number(was.seconds !== null);
    if (step < 0) worse.push(`${said.causes} was detected after ${was.seconds} s and is missed now`);
    else if (step > 0) better.push(`${said.causes} is detected now, after ${said.seconds} s`);
    else if (was.inTime && !said.inTime) worse.push(`${said.causes} was in time and is late now, ${said.seconds} s`);
    else if (!was.inTime && said.inTime) better.push(`${said.causes} is in time now, ${said.seconds} s`);
  }
  const counts = [
    ["stated hours met", day.statedMet - old.statedMet],
    ["false pages", old.falsePages - day.falsePages],
    ["false tickets", old.falseTickets - day.falseTickets],
  ] as const;
  for (const [what, gain] of counts) {
    if (gain < 0) worse.push(`${what}: worse by ${-gain}`);
    if (gain > 0) better.push(`${what}: better by ${gain}`);
  }
  if (day.medianError !== null && old.medianError !== null) {
    const text = `median error of the headline ${day.medianError}, was ${old.medianError}`;
    if (day.medianError > old.medianError + errorMargin) worse.push(text);
    if (day.medianError < old.medianError - errorMargin) better.push(text);
  }
  return { worse, better };
}
