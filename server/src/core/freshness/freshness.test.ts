import { collectorId, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import type { HealthObservation } from "../observation.ts";
import { type ExpectedCollector, FreshnessBook } from "./freshness.ts";

const collector = (id: string, required = true): ExpectedCollector => ({
  id: collectorId(id),
  node: nodeId("mx1"),
  required,
  limitSeconds: 10,
});
const health = (id: string, atMs: number, problem: string | null = null): HealthObservation => {
  const { id: name, ...rest } = collector(id);
  return { kind: "health", atMs, collector: name, ...rest, state: problem === null ? "ok" : "failing", problem };
};
const states = (book: FreshnessBook, nowMs: number): Record<string, string> =>
  Object.fromEntries(book.section(nowMs).collectors.map(({ id, state }) => [id, state]));

test("never fresh before the first data: starting, then stale", () => {
  const book = new FreshnessBook();
  expect(book.section(0)).toEqual({ collectors: [], slowest: null });
  book.expect([collector("log"), collector("queue")], 0);
  expect(states(book, 5_000)).toEqual({ log: "starting", queue: "starting" });
  book.apply(health("log", 6_000));
  expect(states(book, 10_001)).toEqual({ log: "ok", queue: "stale" });
  expect(book.section(10_001).slowest).toMatchObject({
    id: "queue",
    lastDataMs: null,
    problem: "no data for more than 10 s",
  });
  expect(states(book, 16_000).log).toBe("ok");
  expect(states(book, 16_001).log).toBe("stale");
});

test("a failing collector says why, keeps its age, and is well with its next good look", () => {
  const book = new FreshnessBook();
  book.apply(health("log", 1_000));
  book.apply(health("log", 2_000, "/var/log/mail.log: permission denied"));
  expect(book.section(3_000).slowest).toMatchObject({
    state: "failing",
    lastDataMs: 1_000,
    problem: "/var/log/mail.log: permission denied",
  });
  book.apply(health("log", 4_000));
  expect(book.section(4_000).slowest).toMatchObject({ state: "ok", lastDataMs: 4_000, problem: null });
});

test("the slowest is the oldest of the required ones", () => {
  const book = new FreshnessBook();
  book.expect([collector("a"), collector("b"), collector("c", false)], 0);
  book.apply(health("a", 5_000));
  book.apply(health("b", 4_000));
  expect(book.section(6_000).slowest?.id).toBe("b");
});

test("a reload forgets what is no longer configured and keeps the age of the rest", () => {
  const book = new FreshnessBook();
  book.apply(health("log", 1_000));
  book.apply(health("gone", 1_000));
  book.expect([collector("log")], 2_000);
  expect(book.section(3_000).collectors).toMatchObject([{ id: "log", state: "ok", lastDataMs: 1_000 }]);
});

test("saved and restored; bounded; an unknown format is refused", () => {
  const book = new FreshnessBook();
  for (let at = 0; at < 10_002; at += 1) book.apply(health(`c${at}`, at));
  expect(book.refused).toBe(2);
  const again = new FreshnessBook();
  expect(again.restore({ format: 1, text: book.save() })).toBe(true);
  expect(again.section(20_000)).toEqual(book.section(20_000));
  expect(again.restore({ format: 2, text: "" })).toBe(false);
  expect(again.section(0).collectors).toEqual([]);
});

test("how a collector goes about it is what it said last, over a restart too", () => {
  const book = new FreshnessBook();
  book.apply({ ...health("queue", 1_000), says: "listed with postqueue -j" });
  const again = new FreshnessBook();
  again.restore({ format: 1, text: book.save() });
  again.expect([collector("queue")], 2_000);
  expect(again.section(3_000).collectors).toMatchObject([{ says: "listed with postqueue -j" }]);
  again.apply(health("queue", 4_000));
  expect(again.section(5_000).collectors[0]).not.toHaveProperty("says");
});

test("after a clock was set back, who falls silent is stale as soon as ever, and who is heard of is not", () => {
  const book = new FreshnessBook();
  const hourMs = 3_600_000;
  book.expect([collector("log"), collector("queue"), collector("never")], hourMs);
  for (const id of ["log", "queue"]) book.apply(health(id, hourMs + 1_000));
  expect(states(book, hourMs + 2_000)).toEqual({ log: "ok", never: "starting", queue: "ok" });
  // An hour earlier all at once.
  expect(states(book, 3_000)).toEqual({ log: "ok", never: "starting", queue: "ok" });
  book.apply(health("queue", 13_000));
  expect(states(book, 13_001)).toEqual({ log: "stale", never: "stale", queue: "ok" });
});
