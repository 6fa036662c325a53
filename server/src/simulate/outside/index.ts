import type { Agenda } from "../agenda.ts";
import type { World } from "../engine/world.ts";
import { createRandom } from "../random.ts";
import { createCalendar, type Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import { startFloods } from "./campaign/flood.ts";
import { startBackscatter, startListLoops, startSurges } from "./campaign/others.ts";
import { createConditions } from "./conditions.ts";
import { createDestinations } from "./destinations.ts";
import { startEveryday } from "./everyday.ts";
import type { WorldParts } from "./parts.ts";
import { createPeople } from "./people.ts";
import { startProbes } from "./probes.ts";
import { createSenders } from "./senders.ts";

/** Everybody and everything outside the platform of a scenario; the same scenario and seed give the same world. */
export function createWorld(scenario: Scenario, seed: number): World {
  const calendar = createCalendar(scenario);
  const conditions = createConditions(scenario, calendar);
  const people = createPeople(scenario);
  const root = createRandom(seed);
  const random = () => createRandom(root.below(2 ** 32));

  return {
    hostedDomains: people.hostedDomains,
    conditions,
    destination: createDestinations(scenario, people.hostedDomains),
    deadAddress: (source) => people.deadAddress(source),
    customerAddress: (source) => people.customer(source),
    start(agenda, doors, usage, sink) {
      const parts: WorldParts = {
        scenario,
        calendar,
        agenda,
        people,
        conditions,
        random,
        senders: createSenders(agenda, random(), doors),
        newMessageId: createMessageIds(agenda),
      };
      startEveryday(parts);
      startFloods(parts);
      startBackscatter(parts);
      startListLoops(parts);
      startSurges(parts);
      startProbes({ scenario, calendar, agenda, conditions, usage, sink, random });
      announceChanges(scenario, calendar, agenda, (row) => sink.change(row));
    },
  };
}

function createMessageIds(agenda: Agenda): (host: string) => string {
  let serial = 0;
  return (host) => `${Math.floor(agenda.nowMs).toString(36)}.${(++serial).toString(36)}@${host}`;
}

/** Rows of `changes.jsonl`, each when it begins; its end stands in it, as whoever deploys would add later. */
function announceChanges(scenario: Scenario, calendar: Calendar, agenda: Agenda, say: (row: string) => void): void {
  const iso = (local: string) => new Date(calendar.instant(local)).toISOString();
  for (const { at, until, ...rest } of scenario.changes) {
    const atMs = calendar.instant(at);
    if (atMs < agenda.nowMs) continue;
    const row = {
      startAt: iso(at),
      ...(until === undefined ? {} : { endAt: iso(until) }),
      source: "pipeline",
      ...rest,
    };
    agenda.at(atMs, () => say(JSON.stringify(row)));
  }
}
