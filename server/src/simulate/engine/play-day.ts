import type { EpochMs } from "@mailtide/shared";
import { createAgenda } from "../agenda.ts";
import { createRandom } from "../random.ts";
import { createCalendar } from "../scenario/calendar.ts";
import type { Scenario, ScenarioEvent } from "../scenario/schema.ts";
import { vary } from "../scenario/vary.ts";
import { gapRows } from "./gaps.ts";
import { createPlatform, type Platform } from "./platform.ts";
import type { SimulateResult, StreamOptions, TruthSummary } from "./simulate-contract.ts";
import { createTruth, peakOf } from "./truth/truth.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;
/** Simulated time between two looks at how much waits to be written. */
const portionMs = 10_000;

export type CreateWorld = (scenario: Scenario, seed: number) => World;

/** Lets a scenario happen to a platform in a world. */
export async function playDay(options: StreamOptions, createWorld: CreateWorld): Promise<SimulateResult> {
  const { seed, sink, variation = {} } = options;
  const scenario = vary(options.scenario, variation);
  const calendar = createCalendar(scenario);
  const { fromMs, toMs } = calendar;
  const root = createRandom(seed);
  const seeds = () => root.below(2 ** 32);

  const agenda = createAgenda(fromMs);
  const world = createWorld(scenario, seeds());
  const starts = scenario.events.map(({ at }) => calendar.instant(at));
  const truth = createTruth({
    runDelayMs: scenario.platform.queue.runDelaySeconds * 1000,
    firstEventMs: Math.min(...starts, Infinity),
  });
  const platform = createPlatform({ scenario, world, agenda, truth, sink, seeds });
  options.started?.({ scenario, fromMs, toMs, hostedDomains: world.hostedDomains });
  for (const row of gapRows(scenario, calendar)) sink.observation(row);
  world.start(agenda, platform.doors, platform.usage, sink);

  for (let endMs = nextMinute(fromMs); endMs <= toMs; endMs += minuteMs) {
    options.signal?.throwIfAborted();
    for (let portion = endMs - minuteMs + portionMs; portion <= endMs; portion += portionMs) {
      agenda.runUntil(portion);
      await sink.drained();
    }
    platform.snapshot(endMs);
    truth.minute(endMs);
    checkBalance(platform);
    await options.minute?.(endMs);
    options.onProgress?.({ nowMs: endMs, share: (endMs - fromMs) / (toMs - fromMs), lines: platform.lines() });
  }
  const rows = truth.end();
  return {
    fromMs,
    toMs,
    lines: platform.lines(),
    ...platform.tally,
    waiting: platform.waiting(),
    truth: rows,
    summary: {
      scenario: scenario.id,
      seed,
      variation,
      events: happened(scenario.events, calendar.instant),
      changes: scenario.changes.map(({ at, title }) => ({ at: iso(calendar.instant(at)), title })),
      ...peakOf(rows),
      attackers: truth.sources.attackers(),
      innocentNew: truth.sources.innocentNew(),
    },
  };
}

function happened(events: readonly ScenarioEvent[], instant: (local: string) => EpochMs): TruthSummary["events"] {
  return events
    .map((event) => ({
      what: event.what,
      at: iso(instant(event.at)),
      until: iso(instant(event.until)),
      ...("id" in event ? { id: event.id } : {}),
    }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Mail can neither vanish nor come from nowhere: if it did, the truth would be worth nothing. */
function checkBalance({ tally, waiting }: Platform): void {
  const came = tally.initial + tally.accepted;
  const went = tally.delivered + tally.blocked + tally.returned + waiting();
  if (came !== went) throw new Error(`the simulation lost its balance: ${came} units came, ${went} are accounted for`);
}

const nextMinute = (atMs: EpochMs): EpochMs => (Math.floor(atMs / minuteMs) + 1) * minuteMs;
const iso = (atMs: EpochMs): string => new Date(atMs).toISOString();
