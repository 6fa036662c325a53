import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import { postsAmong, type Innocents } from "./innocents.ts";
import { meanMembers } from "./lists.ts";
import type { Draws } from "./seeds.ts";
import { startStream } from "./stream.ts";
import { createTide } from "./tide.ts";
import { eventsOf, heightOf, type Timed } from "./timeline.ts";

export interface ArrivalParts {
  readonly agenda: Agenda;
  readonly draws: Draws;
  readonly scenario: Scenario;
  readonly calendar: Calendar;
  readonly events: readonly Timed[];
  readonly innocents: Innocents;
}

/** Mistyped addresses, as a part of innocent mail. */
const typistShare = 0.02;

/** Innocent mail of the day: rhythm, week, holidays and drift, restless from minute to minute; surges; newsletters; typists. */
export function startArrivals({ agenda, draws, scenario, calendar, events, innocents }: ArrivalParts): void {
  const { rate, population, arrivals } = scenario;
  const listShare = Math.min(population.listShare, arrivals.inboundShare);
  const { messagesPerArrival } = postsAmong(listShare);
  // Posts to lists come in bursts of a geometric size, whose square's mean over its mean is twice the mean less one.
  const excess = arrivals.dispersion - 1 - listShare * (2 * meanMembers - 2);
  const tide = createTide(excess, draws("tide"));
  const usual = (atMs: EpochMs): PerSecond => rate * calendar.rhythm(atMs);
  const stream = (
    part: string,
    perSecond: (atMs: EpochMs) => PerSecond,
    arrive: () => void,
    span: { readonly fromMs?: EpochMs; readonly untilMs?: EpochMs } = {},
  ) => startStream({ agenda, random: draws(part), perSecond, arrive, ...span });

  stream(
    "times of innocent mail",
    (atMs) => (usual(atMs) * tide(atMs, usual(atMs))) / messagesPerArrival,
    () => innocents.any(),
  );
  stream(
    "times of typists",
    (atMs) => typistShare * usual(atMs),
    () => innocents.typist(),
  );
  if (arrivals.newsletterSeconds > 0) {
    stream(
      "times of newsletters",
      (atMs) => rate * calendar.newsletter(atMs),
      () => innocents.newsletter(),
    );
  }
  eventsOf(events, "surge").forEach((event, number) => {
    const height = heightOf(event);
    stream(
      `times of surge ${number}`,
      (atMs) => (rate * event.perSecond * height(atMs)) / messagesPerArrival,
      () => innocents.any(),
      { fromMs: event.fromMs, untilMs: event.untilMs },
    );
  });
}
