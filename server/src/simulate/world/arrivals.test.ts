import { expect, test } from "vitest";
import { createAgenda } from "../agenda.ts";
import { createCalendar } from "../scenario/calendar.ts";
import { startArrivals } from "./arrivals.ts";
import { geometric } from "./draw.ts";
import { postsAmong } from "./innocents.ts";
import { meanMembers } from "./lists.ts";
import { createDraws } from "./seeds.ts";
import { persistence } from "./tide.ts";
import { perMinute, scenarioOf, watch, type Offer } from "./testing/fake-platform.ts";

const day = { from: "2024-03-05T00:00", to: "2024-03-06T00:00" };
const isInnocent = ({ session }: Offer) => session.who === "innocent" && session.refuse === null;

function statistics(dispersion: number, listShare: number, seed: number) {
  const scenario = scenarioOf({ ...day, rate: 2, arrivals: { dispersion }, population: { listShare } });
  const calendar = createCalendar(scenario);
  const { fromMs, toMs } = calendar;
  const agenda = createAgenda(fromMs);
  const draws = createDraws(seed);
  const sizes = draws("sizes of posts");
  const { postShare } = postsAmong(listShare);
  const instants: number[] = [];
  // A post comes within the minute here, as most do.
  const any = () => {
    const copies = sizes.unit() < postShare ? geometric(sizes, meanMembers) : 1;
    for (let copy = 0; copy < copies; copy++) instants.push(agenda.nowMs);
  };
  const innocents = { any, newsletter: any, typist: () => undefined };
  startArrivals({ agenda, draws, scenario, calendar, events: [], innocents });
  agenda.runUntil(toMs);
  const counts = perMinute(instants, fromMs, 1440);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const off = counts.map((count) => count - mean);
  const variance = off.reduce((sum, one) => sum + one * one, 0) / off.length;
  const together = off.slice(1).reduce((sum, one, index) => sum + one * (off[index] ?? 0), 0) / (off.length - 1);
  return { mean, dispersion: variance / mean, autocorrelation: together / variance };
}

/** The mean over some days: a day of slow waves alone says little. */
function over(seeds: number, dispersion: number, listShare: number) {
  const days = Array.from({ length: seeds }, (_, seed) => statistics(dispersion, listShare, seed + 1));
  const mean = (key: keyof ReturnType<typeof statistics>) => days.reduce((sum, one) => sum + one[key], 0) / seeds;
  return { mean: mean("mean"), dispersion: mean("dispersion"), autocorrelation: mean("autocorrelation") };
}

test("messages a minute have the mean, the dispersion and the memory of the scenario", () => {
  const seen = over(6, 5, 0);
  expect(seen.mean).toBeGreaterThan(120 * 0.97);
  expect(seen.mean).toBeLessThan(120 * 1.03);
  expect(seen.dispersion).toBeGreaterThan(4.3);
  expect(seen.dispersion).toBeLessThan(5.7);
  // Four fifths of the variance is the tide's, which remembers.
  expect(Math.abs(seen.autocorrelation - persistence * 0.8)).toBeLessThan(0.06);
});

test("a dispersion of one is Poisson, without memory", () => {
  const seen = over(4, 1, 0);
  expect(Math.abs(seen.dispersion - 1)).toBeLessThan(0.08);
  expect(Math.abs(seen.autocorrelation)).toBeLessThan(0.05);
});

test("posts to lists count as part of the messages and of their dispersion", () => {
  const seen = over(6, 3, 0.1);
  expect(Math.abs(seen.mean - 120)).toBeLessThan(3.5);
  expect(seen.dispersion).toBeGreaterThan(2.5);
  expect(seen.dispersion).toBeLessThan(3.5);
});

test("the rhythm, the week and holidays set the rate", () => {
  const keys = {
    ...day,
    from: "2024-03-01T00:00",
    to: "2024-03-04T00:00",
    rate: 0.1,
    arrivals: {
      dispersion: 1,
      rhythm: [["00:00", 0.5]],
      week: { sat: 0.5, sun: 0.2 },
      holidays: ["2024-03-01"],
      robots: 0,
    },
  };
  const { offers, fromMs } = watch(scenarioOf(keys));
  const days = [0, 1, 2].map(
    (number) =>
      offers.filter((one) => isInnocent(one) && Math.floor((one.atMs - fromMs) / 86_400_000) === number).length,
  );
  // A Friday that is like a Sunday, a Saturday, a Sunday.
  [864, 2160, 864].forEach((wanted, index) => {
    expect(Math.abs((days[index] ?? 0) / wanted - 1)).toBeLessThan(0.12);
  });
});

test("the first of the month brings a newsletter from servers that are known from nothing else", () => {
  const keys = { from: "2024-03-01T09:30", to: "2024-03-01T11:00", rate: 1, arrivals: { newsletterSeconds: 1800 } };
  const copies = watch(scenarioOf(keys)).offers.filter(({ session }) => session.sender.startsWith("monthly-bounces+"));
  expect(Math.abs(copies.length / 1800 - 1)).toBeLessThan(0.1);
  expect(copies.every(({ atMs }) => new Date(atMs).getUTCHours() === 10)).toBe(true);
  expect(new Set(copies.map(({ session }) => session.client.ip)).size).toBeLessThanOrEqual(120);
  expect(new Set(copies.map(({ session }) => session.messageId)).size).toBe(copies.length);
});
