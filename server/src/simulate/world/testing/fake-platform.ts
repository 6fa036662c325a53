import type { EpochMs } from "@mailtide/shared";
import { createAgenda, type Agenda } from "../../agenda.ts";
import type { Answer, Door, Session, Usage, World } from "../../engine/world.ts";
import { createCalendar } from "../../scenario/calendar.ts";
import { scenarioSchema, type Scenario } from "../../scenario/schema.ts";
import { createWorld } from "../index.ts";

export interface Offer {
  readonly atMs: EpochMs;
  readonly node: string;
  readonly session: Session;
}

/** What a world did to doors that only write down who came. */
export interface WatchedDay {
  readonly world: World;
  readonly offers: readonly Offer[];
  readonly probes: readonly (Record<string, unknown> & {
    readonly id: string;
    readonly at: string;
    readonly ok: boolean;
  })[];
  readonly changes: readonly Record<string, unknown>[];
  readonly fromMs: EpochMs;
}

export interface WatchOptions {
  readonly seed?: number;
  readonly usage?: Partial<Usage>;
  answer?(offer: Offer): Answer;
}

/** A scenario of a few keys, on a day without list posts and restlessness unless it says so. */
export function scenarioOf(keys: object): Scenario {
  return scenarioSchema.parse({
    version: 1,
    id: "test",
    title: "test",
    timezone: "UTC",
    from: "2024-03-05T10:00",
    to: "2024-03-05T11:00",
    rate: 5,
    ...keys,
  });
}

/** Lets the whole scenario pass at fake doors. */
export function watch(scenario: Scenario, options: WatchOptions = {}): WatchedDay {
  const { fromMs, toMs } = createCalendar(scenario);
  const agenda: Agenda = createAgenda(fromMs);
  const world = createWorld(scenario, options.seed ?? 1);
  const offers: Offer[] = [];
  const probes: WatchedDay["probes"][number][] = [];
  const changes: Record<string, unknown>[] = [];
  const doors = scenario.platform.nodes.map((node): Door => ({
    node,
    offer(session, answered) {
      const offer = { atMs: agenda.nowMs, node, session };
      offers.push(offer);
      answered(options.answer?.(offer) ?? (session.refuse === null ? "accepted" : "refused"));
    },
  }));
  const usage: Usage = { waiting: () => 0, refusalsPerSecond: () => 0, ...options.usage };
  world.start(agenda, doors, usage, {
    probe: (row) => void probes.push(JSON.parse(row) as WatchedDay["probes"][number]),
    change: (row) => void changes.push(JSON.parse(row) as Record<string, unknown>),
  });
  agenda.runUntil(toMs);
  return { world, offers, probes, changes, fromMs };
}

/** How many of the instants lie in each minute from `fromMs` on. */
export function perMinute(instants: readonly EpochMs[], fromMs: EpochMs, minutes: number): number[] {
  const counts = Array.from({ length: minutes }, () => 0);
  for (const atMs of instants) {
    const minute = Math.floor((atMs - fromMs) / 60_000);
    if (counts[minute] !== undefined) counts[minute]++;
  }
  return counts;
}
