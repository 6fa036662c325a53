import { expect, test } from "vitest";
import { Desk, ids } from "../../../test/model/lines.ts";
import { unitsNeeded } from "./headline.ts";

test("small cohorts need more evidence: the counts that Wilson's bound asks for", () => {
  expect([3, 60, 300, 1_500].map(unitsNeeded)).toEqual([3, 9, 27, 102]);
});

/** `late` of n wait on us since second 0; the others are out at once. */
function waiting(late: number, n: number): Desk {
  const desk = new Desk();
  for (const [i, id] of ids("Q", n).entries()) {
    desk.arrive(0, id);
    if (i >= late) desk.send(0, id);
  }
  return desk;
}

test.each([
  [8, 60, 0],
  [9, 60, 100],
  [26, 300, 0],
  [27, 300, 100],
  [101, 1_500, 0],
  [102, 1_500, 100],
])("%i of %i that wait for 100 s make a headline of %i s", (late, n, headline) => {
  expect(waiting(late, n).at(100).delay.headlineSeconds).toBe(headline);
});

test("one stuck message does not move the headline, and is shown beside it", () => {
  const desk = waiting(1, 60);
  for (let second = 3_700; second <= 4_000; second += 10) {
    desk.arrive(second, `M${second}`);
    desk.send(second + 1, `M${second}`);
  }
  const { delay } = desk.at(4_001);
  expect(delay.headlineSeconds).toBe(1);
  expect(delay.stuck.count).toBe(1);
  expect(delay.stuck.oldestSeconds).toBe(4_001);
});

test("the d of a cohort is the wait of the last unit that the bound needs", () => {
  const desk = new Desk();
  // 60 units a second apart: 9 must wait so long, so the ninth oldest, accepted at second 8, decides.
  for (const [i, id] of ids("Q", 60).entries()) desk.arrive(i, id);
  expect(desk.at(100).delay.headlineSeconds).toBe(92);
});

test("a cohort whose waits ended more than five minutes ago is silent", () => {
  const desk = new Desk();
  for (const id of ids("Q", 20)) desk.arrive(0, id);
  for (const id of ids("Q", 20)) desk.send(1_000, id);
  expect(desk.at(1_000).delay.headlineSeconds).toBe(1_000);
  expect(desk.at(1_299).delay.headlineSeconds).toBe(1_000);
  // Nothing was accepted in 15 minutes: it can not be said.
  expect(desk.at(1_300).delay.headlineSeconds).toBeNull();
});

test("d counts only while three of those who wait or just ended a wait have it", () => {
  const desk = new Desk();
  // 20 of 20 waited; 18 ended at 600 s. Two still wait: until 900 s the ended ones speak for 600 s, then nobody.
  for (const id of ids("Q", 20)) desk.arrive(0, id);
  for (const id of ids("Q", 18)) desk.send(600, id);
  expect(desk.at(700).delay.headlineSeconds).toBe(600);
  expect(desk.at(920).delay.headlineSeconds).toBeNull();
});

test("blocked mail leaves count and base", () => {
  const desk = waiting(8, 60);
  expect(desk.at(100).delay.headlineSeconds).toBe(0);
  // 8 of 50: 50 x 0.05 + 3.09 x sqrt(50 x 0.05 x 0.95) = 7.26, so 8 are enough.
  for (const id of ids("B", 10)) {
    desk.arrive(0, id);
    desk.deliver(0, id, { status: "bounced", dsn: "5.1.1" });
  }
  expect(desk.at(101).delay.headlineSeconds).toBe(0);
  const fewer = waiting(8, 50);
  for (const id of ids("B", 10)) {
    fewer.arrive(0, id);
    fewer.deliver(0, id, { status: "bounced", dsn: "5.1.1" });
  }
  expect(fewer.at(101).delay.headlineSeconds).toBe(101);
});

test("mail that dies of our outage keeps its wait; mail that bounces in time does not count", () => {
  const desk = new Desk();
  for (const id of ids("Q", 20)) desk.arrive(0, id);
  for (const id of ids("Q", 20)) desk.deliver(400, id, { status: "bounced", dsn: "5.4.4" });
  const { delay, facts } = desk.at(401);
  expect(delay.headlineSeconds).toBe(400);
  expect(facts.totals).toEqual({ accepted: 20, waiting: 0, left: 20, blocked: 0, unexplained: 0, overflow: 0 });
});

test("three numbers, late since, verdict and tendency", () => {
  const desk = new Desk();
  for (const id of ids("Q", 20)) desk.arrive(0, id);
  for (const id of ids("Q", 5)) desk.send(2, id);
  for (let second = 0; second <= 310; second++) desk.at(second);
  const { delay } = desk.at(311);
  expect(delay.verdict).toBe("late");
  expect(delay.headlineSeconds).toBe(311);
  expect(delay.lateShare).toBe(15 / 20);
  // Five of twenty left after 2 s, the others wait: the median is not reached.
  expect(delay.typicalSeconds).toBeNull();
  expect(delay.tendency).toBe("rising");
  expect(delay.lateSinceMs).toBe(desk.epochMs + 301_000);
  expect(delay.directions.in?.headlineSeconds).toBe(311);
  expect(delay.directions.out).toBeUndefined();
});

test("quiet and no traffic are said as such", () => {
  const desk = new Desk();
  expect(desk.at(0).delay.verdict).toBe("no-traffic");
  for (const id of ids("Q", 2)) desk.arrive(1, id);
  for (const id of ids("Q", 2)) desk.send(1, id);
  expect(desk.at(2).delay.verdict).toBe("quiet");
  expect(desk.at(2).delay.headlineSeconds).toBeNull();
});
