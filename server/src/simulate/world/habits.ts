import type { Millis, Seconds } from "@mailtide/shared";
import type { Random } from "../random.ts";
import { hashText } from "./hash.ts";

/** How a client behaves when it is put off: after how long it tries again, or `null`: never again. */
export type Habit = (attempt: number, ageMs: Millis, random: Random) => Millis | null;

const seconds = (count: Seconds): Millis => count * 1000;
const minutes = (count: number): Millis => count * 60_000;
const hours = (count: number): Millis => count * 3_600_000;
const days = (count: number): Millis => count * 86_400_000;
const about = (millis: Millis, random: Random, spread: number): Millis => millis * (1 + spread * (random.unit() - 0.5));

/** The time in the queue doubles up to maximal_backoff_time, and a queue run has to come by (postconf(5)). */
const postfix: Habit = (_attempt, ageMs, random) => {
  if (ageMs > days(5)) return null;
  return Math.min(seconds(4000), Math.max(seconds(300), ageMs)) + random.unit() * seconds(300);
};

/** `F,2h,15m; G,16h,1h,1.5; F,4d,6h` of Debian's configuration. */
const exim: Habit = (_attempt, ageMs, random) => {
  if (ageMs > days(4)) return null;
  if (ageMs < hours(2)) return minutes(15) + random.unit() * minutes(5);
  if (ageMs < hours(16)) return about(Math.max(hours(1), 0.5 * (ageMs - hours(1))), random, 0.1);
  return about(hours(6), random, 0.05);
};

/** A queue run every half hour or hour (`-q30m`): where in it the mail came is chance. */
const sendmail =
  (everyMs: Millis): Habit =>
  (attempt, ageMs, random) => {
    if (ageMs > days(5)) return null;
    return attempt === 1 ? random.unit() * everyMs + minutes(1) : about(everyMs, random, 0.02);
  };

/** One minute, then five, then fifteen (Exchange's TransientFailureRetryInterval and OutboundConnectionFailureRetryInterval). */
const exchange: Habit = (attempt, ageMs, random) => {
  if (ageMs > days(2)) return null;
  return about(attempt === 1 ? minutes(1) : attempt < 6 ? minutes(5) : minutes(15), random, 0.1);
};

const provider: Habit = (attempt, ageMs, random) => {
  if (ageMs > days(3)) return null;
  return about(Math.min(minutes(60), minutes(1.5) * 1.7 ** (attempt - 1)), random, 0.6);
};

/** A mail program tries again by itself, its owner by hand; after some tries they telephone. */
const person: Habit = (attempt, _ageMs, random) =>
  attempt > 8 || random.unit() < 0.12 ? null : minutes(0.5) + random.exponential(minutes(4));

/** Robots have no queue; a few are programmed to knock twice. */
const robot: Habit = (attempt, _ageMs, random) =>
  attempt > 1 || random.unit() > 0.04 ? null : minutes(1) + random.unit() * minutes(10);

export const habits = { postfix, exim, sendmail: sendmail(minutes(30)), slowSendmail: sendmail(hours(1)), exchange };
export { person, provider, robot };

/** Which program a server runs is its own business and stays the same. */
export function habitOf(name: string): Habit {
  const of100 = hashText(name, 25) % 100;
  if (of100 < 38) return habits.postfix;
  if (of100 < 66) return habits.exim;
  if (of100 < 90) return habits.exchange;
  return of100 < 96 ? habits.sendmail : habits.slowSendmail;
}
