import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Random } from "../random.ts";

/** The rate is read anew at least this often. */
const stepMs = 10_000;
const minuteMs = 60_000;
/** How much of one minute's mood goes on in the next. */
const persistence = 0.8;

/** Independent arrivals at a changing rate; memoryless, so a step without an arrival may be thrown away. */
export function arrive(agenda: Agenda, random: Random, perSecond: (atMs: EpochMs) => PerSecond, one: () => void): void {
  const next = () => {
    const rate = perSecond(agenda.nowMs);
    const waitMs = rate > 0 ? random.exponential(1000 / rate) : Infinity;
    const comes = waitMs < stepMs;
    agenda.at(agenda.nowMs + Math.min(waitMs, stepMs), () => {
      if (comes) one();
      next();
    });
  };
  next();
}

/** Standard normal (Box and Muller, 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());

/**
 * A factor of mean 1 that wanders from minute to minute, so that the number of messages in a minute has the wanted variance
 * over mean: with Poisson arrivals at `perMinute` times the factor, that is 1 + perMinute x the factor's variance.
 */
export function createMood(
  random: Random,
  dispersion: number,
  perMinute: (atMs: EpochMs) => number,
): (atMs: EpochMs) => number {
  let minute = NaN;
  let state = normal(random);
  let factor = 1;
  return (atMs) => {
    const now = Math.floor(atMs / minuteMs);
    if (now !== minute) {
      minute = now;
      state = persistence * state + Math.sqrt(1 - persistence ** 2) * normal(random);
      const expected = perMinute(atMs);
      const variance = expected > 0 ? (dispersion - 1) / expected : 0;
      // Lognormal; a quiet minute's spread is bounded, or one minute in a night would hold a day's mail.
      const sigma = Math.sqrt(Math.log(1 + Math.min(variance, 1)));
      factor = Math.exp(sigma * state - (sigma * sigma) / 2);
    }
    return factor;
  };
}
