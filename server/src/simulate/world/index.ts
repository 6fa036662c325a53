import type { World } from "../engine/world.ts";
import { createCalendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import { startArrivals } from "./arrivals.ts";
import { startCampaigns } from "./campaigns/index.ts";
import { startChanges } from "./changes.ts";
import { createConditions } from "./conditions.ts";
import { createCorrespondents } from "./correspondents.ts";
import { createCustomers } from "./customers.ts";
import { createInnocents } from "./innocents.ts";
import { createDesks } from "./desk.ts";
import { createOutside } from "./outside.ts";
import { createPostOffice } from "./post-office.ts";
import { startProbes } from "./probes/index.ts";
import { createDraws } from "./seeds.ts";
import { timed } from "./timeline.ts";

/**
 * Everybody and everything outside the mail platform of a scenario, which is taken as it is (vary it before). The same
 * scenario and seed give the same world; it draws from sources of its own only. `start` is called once, with the agenda
 * standing where the day begins.
 */
export function createWorld(scenario: Scenario, seed: number): World {
  const draws = createDraws(seed);
  const seedOf = (part: string) => draws(part).below(2 ** 32);
  const calendar = createCalendar(scenario);
  const events = timed(scenario, calendar);
  const conditions = createConditions(events, seedOf("conditions"));
  const customers = createCustomers(scenario.platform.customers);
  const outside = createOutside(scenario.population, seedOf("outside"));
  const correspondents = createCorrespondents(scenario.population.correspondents, outside);

  return {
    hostedDomains: customers.domains,
    conditions,
    destination: (domain) => customers.destination(domain) ?? outside.destination(domain),
    deadAddress: (random) => outside.deadAddress(random),
    customerAddress: (random) => customers.address(random),
    start(agenda, doors, usage, sink) {
      const office = createPostOffice(agenda, doors);
      const desks = createDesks(agenda, draws, office);
      const common = { agenda, draws, customers, outside, correspondents, desks };
      startArrivals({ agenda, draws, scenario, calendar, events, innocents: createInnocents({ ...common, scenario }) });
      startCampaigns({ ...common, rate: scenario.rate }, scenario, events, calendar);
      startProbes({ agenda, draws, scenario, events, conditions, usage, sink });
      startChanges(scenario.changes, calendar, agenda, sink);
    },
  };
}
