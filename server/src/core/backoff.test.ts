import { expect, test } from "vitest";
import { backoffOf, nextTrySeconds } from "./backoff.ts";

const minute = 60;
const hour = 3_600;

/** The ages at which a message is tried that never gets through. */
function tries(mta: string, untilSeconds: number): number[] {
  const ages = [0];
  for (let age = 0; age <= untilSeconds; ages.push(age)) age += nextTrySeconds(backoffOf(mta), age);
  return ages;
}

test("Postfix waits as long as the message is old, between its two bounds", () => {
  expect(tries("postfix", 5_000)).toEqual([0, 300, 600, 1_200, 2_400, 4_800, 8_800]);
});

test("Exim: quarters of an hour for two hours, then longer and longer, then six hours", () => {
  const [first, ...ages] = tries("exim", 30 * hour).map((age) => age / minute);
  expect(first).toBe(0);
  expect(ages.slice(0, 8)).toEqual([15, 30, 45, 60, 75, 90, 105, 120]);
  // An hour, and half as long again each time.
  expect(ages.slice(8, 13)).toEqual([180, 270, 405, 607.5, 911.25]);
  expect((ages.at(-1) ?? 0) - (ages.at(-2) ?? 0)).toBe(360);
});

test("OpenSMTPD tries at the squares of its base", () => {
  expect(tries("opensmtpd", 6_000)).toEqual([0, 400, 1_600, 3_600, 6_400]);
});

test("Sendmail tries all at each run of its queue", () => {
  expect(tries("sendmail", 1_500)).toEqual([0, 600, 1_200, 1_800]);
});

test("Haraka and KumoMTA double", () => {
  expect(tries("haraka", 700)).toEqual([0, 64, 192, 448, 960]);
  expect(tries("kumomta", hour).map((age) => age / minute)).toEqual([0, 20, 60, 140]);
});

test("an unknown MTA is taken for the commonest; a bound of zero tries at once", () => {
  expect(backoffOf("constructor")).toEqual(backoffOf("postfix"));
  const none = { minimalSeconds: 0, maximalSeconds: 0, queueRunDelaySeconds: 0, growth: "squares" } as const;
  expect(nextTrySeconds(none, 50)).toBe(0);
});
