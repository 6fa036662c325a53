import type { PerSecond } from "@mailtide/shared";
import type { Variation } from "../engine/simulate-contract.ts";
import type { Scenario, ScenarioEvent } from "./schema.ts";

/**
 * The same day with other times, sizes and names, so that nothing can be tuned to one run of it. The platform and its
 * rhythm stay. The result is a scenario like one that was read; the given one is left as it is.
 */
export function vary(scenario: Scenario, variation: Variation): Scenario {
  const { shiftMinutes = 0, scale = 1 } = variation;
  const shifted = {
    ...scenario,
    events: scenario.events.map((event) => scaled(moved(event, shiftMinutes), scale)),
    changes: variation.withoutChanges === true ? [] : scenario.changes.map((change) => moved(change, shiftMinutes)),
  };
  return variation.renameProbes === true ? renamed(shifted) : shifted;
}

/**
 * The same day on a smaller or larger platform. What a scenario gives in absolute numbers but belongs to the size of the
 * platform goes along: processes of smtpd and the length of the active queue. People and sources stay.
 */
export function atRate(scenario: Scenario, rate: PerSecond): Scenario {
  const factor = rate / scenario.rate;
  const { inbound, queue } = scenario.platform;
  return {
    ...scenario,
    rate,
    platform: {
      ...scenario.platform,
      inbound: { ...inbound, processes: Math.max(8, Math.round(inbound.processes * factor)) },
      queue: { ...queue, activeLimit: Math.max(200, Math.round(queue.activeLimit * factor)) },
    },
  };
}

function moved<T extends { readonly at: string; readonly until?: string | undefined }>(item: T, minutes: number): T {
  const later = { ...item, at: shiftLocal(item.at, minutes) };
  return item.until === undefined ? later : { ...later, until: shiftLocal(item.until, minutes) };
}

/** Local time, by the clock on the wall. */
function shiftLocal(local: string, minutes: number): string {
  const shifted = new Date(Date.parse(`${local}Z`) + minutes * 60_000).toISOString();
  return shifted.slice(0, shifted.endsWith(":00.000Z") ? 16 : 19);
}

function scaled(event: ScenarioEvent, scale: number): ScenarioEvent {
  if (event.what === "flood" || event.what === "backscatter") {
    const sources = Math.max(1, Math.round(event.sources * scale));
    return { ...event, sources, perSecond: event.perSecond * scale };
  }
  if (event.what === "list-loop" || event.what === "surge") return { ...event, perSecond: event.perSecond * scale };
  return event;
}

/** Dependencies are called `probe-1`, `probe-2` ... wherever they are named. */
function renamed(scenario: Scenario): Scenario {
  const names = new Map(scenario.dependencies.map(({ id }, index) => [id, `probe-${index + 1}`]));
  const name = (id: string) => names.get(id) ?? id;
  const { platform } = scenario;
  const { inbound, filter, delivery } = platform;
  return {
    ...scenario,
    platform: {
      ...platform,
      inbound: {
        ...inbound,
        asks: inbound.asks.map(name),
        ...(inbound.logsRefusalsTo === undefined ? {} : { logsRefusalsTo: name(inbound.logsRefusalsTo) }),
      },
      filter:
        filter === null
          ? null
          : { ...filter, asks: filter.asks.map((ask) => ({ ...ask, dependency: name(ask.dependency) })) },
      delivery: { ...delivery, asks: delivery.asks.map(name) },
    },
    dependencies: scenario.dependencies.map((dependency) => ({ ...dependency, id: name(dependency.id) })),
    events: scenario.events.map((event) => (event.what === "dependency" ? { ...event, id: name(event.id) } : event)),
    changes: scenario.changes.map((change) =>
      change.service === undefined ? change : { ...change, service: name(change.service) },
    ),
  };
}
