import { expect, test } from "vitest";
import { enough } from "./headline.ts";
import { createUnitBook, type Unit, type UnitBook } from "./units.ts";

const minutes = (count: number) => count * 60_000;
const createBook = () => createUnitBook(minutes(5));
const accept = (book: UnitBook, count: number, atMs: number): Unit[] =>
  Array.from({ length: count }, () => book.accept(atMs));
/** As at the end of a minute of the day. */
const at = (book: UnitBook, nowMs: number) => {
  const headlineMs = book.headlineMs(nowMs);
  const remote = book.remoteCount(nowMs);
  const row = {
    headline: headlineMs / 1000,
    late: book.lateShare(nowMs),
    waiting: book.waiting - remote,
    remote,
    stuck: book.stuck(nowMs, headlineMs),
  };
  book.forget(nowMs);
  return row;
};

test("small cohorts need more evidence: 9 of 60, 27 of 300, 102 of 1,500", () => {
  expect([60, 300, 1500].map(enough)).toEqual([9, 27, 102]);
  expect([1, 3].map(enough)).toEqual([3, 3]);
});

test("the headline is the wait that more than one in twenty of a cohort surely suffers, and still does", () => {
  const book = createBook();
  const units = accept(book, 60, 0);
  units.slice(0, 52).forEach((unit) => book.leave(unit, 2_000));
  // Eight of sixty are not sure; all sixty waited two seconds.
  expect(at(book, minutes(10)).headline).toBe(2);
  const other = createBook();
  accept(other, 60, 0)
    .slice(0, 51)
    .forEach((unit) => other.leave(unit, 2_000));
  expect(at(other, minutes(10))).toMatchObject({ headline: 600, waiting: 9, late: 0.15 });
});

test("a cohort dies five minutes after its last three waits ended", () => {
  const book = createBook();
  accept(book, 20, 0).forEach((unit) => book.leave(unit, minutes(30)));
  expect(at(book, minutes(34)).headline).toBe(1800);
  expect(at(book, minutes(35)).headline).toBe(0);
});

test("remote time is not ours until the retry is past due by more than a queue run", () => {
  const book = createBook();
  accept(book, 20, 0).forEach((unit) => book.remote(unit, minutes(1), minutes(10)));
  expect(at(book, minutes(15))).toMatchObject({ headline: 0, remote: 20, waiting: 0 });
  expect(at(book, minutes(18))).toMatchObject({ headline: 240, remote: 0, waiting: 20 });
});

test("one late retry does not bring a morning's cohort back", () => {
  const book = createBook();
  const units = accept(book, 20, 0);
  units.forEach((unit) => book.remote(unit, minutes(20), minutes(120)));
  units.forEach((unit) => book.retry(unit, minutes(121)));
  // Twenty minutes of own wait before, one second after.
  expect(at(book, minutes(121) + 1000).headline).toBe(1);
});

test("bounced mail leaves the base unless it waited beyond the target; what is thrown away always does", () => {
  const book = createBook();
  const units = accept(book, 60, 0);
  units.slice(0, 20).forEach((unit) => book.bounce(unit, 1_000));
  units.slice(20, 40).forEach((unit) => book.discard(unit));
  units.slice(40).forEach((unit) => book.bounce(unit, minutes(20)));
  expect(at(book, minutes(21))).toMatchObject({ headline: 1200, late: 1, waiting: 0 });
  expect(book.accepted).toBe(60);
});

test("what is late is counted over the last hour only", () => {
  const book = createBook();
  accept(book, 10, 0);
  accept(book, 10, minutes(59)).forEach((unit) => book.leave(unit, minutes(59) + 500));
  expect(at(book, minutes(60)).late).toBe(0.5);
  expect(at(book, minutes(61)).late).toBe(0);
});

test("what waits much longer than the rest is stuck, and is not the headline", () => {
  const book = createBook();
  const [stuck] = accept(book, 100, 0);
  expect(stuck).toBeDefined();
  for (const minute of book.minutes) for (const unit of minute.waiting) if (unit !== stuck) book.leave(unit, 1_000);
  expect(at(book, minutes(29)).stuck).toEqual({ count: 0, oldestMs: null });
  expect(at(book, minutes(41))).toMatchObject({ headline: 0, stuck: { count: 1, oldestMs: minutes(41) } });
});

test("an old cohort keeps only the waits that can decide, and says the same", () => {
  const book = createBook();
  const units = accept(book, 4_000, 0);
  units.forEach((unit, index) => book.leave(unit, minutes(6) + index));
  const before = at(book, minutes(6.5)).headline;
  expect(at(book, minutes(7)).headline).toBe(before);
  expect(before).toBeCloseTo(363.7, 0);
  expect(units[0]?.minute.cohort.ended.length).toBeLessThan(300);
});
