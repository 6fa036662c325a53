import type { EpochMs, Share } from "@mailtide/shared";
import { type Calendar, curve } from "../scenario/calendar.ts";
import type { Scenario, ScenarioEvent } from "../scenario/schema.ts";

/** An event with its instants in place of its times. */
export type Timed<E extends ScenarioEvent = ScenarioEvent> = E & {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
};
export type EventOf<What extends ScenarioEvent["what"]> = Extract<ScenarioEvent, { what: What }>;

/** All events of a kind, in the order of the scenario. */
export function eventsOf<What extends ScenarioEvent["what"]>(
  scenario: Pick<Scenario, "events">,
  calendar: Pick<Calendar, "instant">,
  what: What,
): readonly Timed<EventOf<What>>[] {
  return scenario.events
    .filter((event): event is EventOf<What> => event.what === what)
    .map((event) => ({ ...event, fromMs: calendar.instant(event.at), toMs: calendar.instant(event.until) }));
}

export const isOn = ({ fromMs, toMs }: Timed, atMs: EpochMs): boolean => atMs >= fromMs && atMs < toMs;

/** Where in an event an instant lies, 0..1. */
export const position = ({ fromMs, toMs }: Timed, atMs: EpochMs): Share =>
  Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));

/** How strong an event with a shape is, as a multiple of the scenario's rate; 0 outside its span. */
export function strength(
  event: Timed & { readonly perSecond: number; readonly shape: readonly (readonly [number, number])[] },
): (atMs: EpochMs) => number {
  const shape = curve(event.shape);
  return (atMs) => (isOn(event, atMs) ? event.perSecond * shape(position(event, atMs)) : 0);
}

/** A number in [0, 1) that belongs to a whole number for good: who is hit, who is blocked, who comes early. */
export function lot(index: number, salt: number): Share {
  let mix = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
  mix = Math.imul(mix ^ (mix >>> 15), 0x735a2d97);
  return ((mix ^ (mix >>> 15)) >>> 0) / 4_294_967_296;
}
