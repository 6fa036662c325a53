import type { EpochMs, Share } from "@mailtide/shared";
import { curve, type Calendar } from "../scenario/calendar.ts";
import type { Scenario, ScenarioEvent } from "../scenario/schema.ts";

/** An event with its instants. */
export type Timed<E = ScenarioEvent> = E & { readonly fromMs: EpochMs; readonly untilMs: EpochMs };
export type EventOf<W extends ScenarioEvent["what"]> = Timed<Extract<ScenarioEvent, { what: W }>>;

export function timed(scenario: Pick<Scenario, "events">, calendar: Calendar): readonly Timed[] {
  return scenario.events.map((event) => ({
    ...event,
    fromMs: calendar.instant(event.at),
    untilMs: calendar.instant(event.until),
  }));
}

export function eventsOf<W extends ScenarioEvent["what"]>(events: readonly Timed[], what: W): readonly EventOf<W>[] {
  return events.filter((event): event is EventOf<W> => event.what === what);
}

/** How far through its span an event is; 0 before, 1 after. */
export function progress({ fromMs, untilMs }: Pick<Timed, "fromMs" | "untilMs">, atMs: EpochMs): Share {
  if (atMs <= fromMs) return 0;
  return atMs >= untilMs ? 1 : (atMs - fromMs) / (untilMs - fromMs);
}

/** The height of a shape at an instant; 0 outside the span. */
export function heightOf(
  event: Pick<Timed, "fromMs" | "untilMs"> & { readonly shape: readonly (readonly [number, number])[] },
): (atMs: EpochMs) => number {
  const shape = curve(event.shape);
  return (atMs) => (atMs < event.fromMs || atMs >= event.untilMs ? 0 : shape(progress(event, atMs)));
}
