import { expect, test } from "vitest";
import { createTruth, enough, type Truth, type Unit } from "./truth.ts";

const minutes = (count: number) => count * 60_000;
const row = (truth: Truth, atMs: number) => truth.row(atMs);
const accept = (truth: Truth, count: number, atMs: number): Unit[] =>
  Array.from({ length: count }, () => truth.accept(atMs));

test("small cohorts need more evidence: 9 of 60, 27 of 300, 102 of 1,500", () => {
  expect([60, 300, 1500].map(enough)).toEqual([9, 27, 102]);
  expect([1, 3].map(enough)).toEqual([3, 3]);
});

test("the headline is the wait that more than one in twenty of a cohort surely suffers, and still does", () => {
  const truth = createTruth();
  const units = accept(truth, 60, 0);
  units.slice(0, 52).forEach((unit) => truth.leave(unit, 2_000));
  // Eight of sixty are not sure; all sixty waited two seconds.
  expect(row(truth, minutes(10)).headlineSeconds).toBe(2);
  const other = createTruth();
  accept(other, 60, 0)
    .slice(0, 51)
    .forEach((unit) => other.leave(unit, 2_000));
  expect(row(other, minutes(10))).toMatchObject({ headlineSeconds: 600, waiting: 9, lateShare: 0.15 });
});

test("a cohort dies five minutes after its last three waits ended", () => {
  const truth = createTruth();
  accept(truth, 20, 0).forEach((unit) => truth.leave(unit, minutes(30)));
  expect(row(truth, minutes(34)).headlineSeconds).toBe(1800);
  expect(row(truth, minutes(35)).headlineSeconds).toBe(0);
});

test("remote time is not ours until the retry is past due by more than a queue run", () => {
  const truth = createTruth();
  accept(truth, 20, 0).forEach((unit) => truth.remote(unit, minutes(1), minutes(10)));
  expect(row(truth, minutes(15))).toMatchObject({ headlineSeconds: 0, remote: 20, waiting: 0 });
  expect(row(truth, minutes(18))).toMatchObject({ headlineSeconds: 240, remote: 0, waiting: 20 });
});

test("one late retry does not bring a morning's cohort back", () => {
  const truth = createTruth();
  const units = accept(truth, 20, 0);
  units.forEach((unit) => truth.remote(unit, minutes(20), minutes(120)));
  units.forEach((unit) => truth.retry(unit, minutes(121)));
  // Twenty minutes of own wait before, one second after.
  expect(row(truth, minutes(121) + 1000).headlineSeconds).toBe(1);
});

test("blocked mail leaves the base unless it waited beyond the target", () => {
  const truth = createTruth();
  const units = accept(truth, 40, 0);
  units.slice(0, 20).forEach((unit) => truth.drop(unit, 1_000));
  units.slice(20).forEach((unit) => truth.drop(unit, minutes(20)));
  expect(row(truth, minutes(21))).toMatchObject({ headlineSeconds: 1200, lateShare: 1, waiting: 0, accepted: 40 });
});

test("what is late is counted over the last hour only", () => {
  const truth = createTruth();
  accept(truth, 10, 0);
  accept(truth, 10, minutes(59)).forEach((unit) => truth.leave(unit, minutes(59) + 500));
  expect(row(truth, minutes(60)).lateShare).toBe(0.5);
  expect(row(truth, minutes(61)).lateShare).toBe(0);
});
