import { expect, test } from "vitest";
import { nodeId } from "@mailtide/shared";
import { newMessage } from "./message.ts";
import { Rows } from "./rows.ts";
import { newUnit } from "./unit.ts";

test("each gets a row of its own, over many blocks", () => {
  const rows = new Rows(3);
  const given = Array.from({ length: 200 }, () => ({ numbers: rows.numbers(), at: rows.next() }));
  for (const [number, { numbers, at }] of given.entries()) numbers.fill(number, at, at + 3);
  for (const [number, { numbers, at }] of given.entries())
    expect(numbers.slice(at, at + 3)).toEqual(Float64Array.of(number, number, number));
  expect(new Set(given.map(({ numbers }) => numbers)).size).toBeGreaterThan(2);
});

test("who will stay for long keeps its numbers, and so do its neighbours", () => {
  const messages = Array.from({ length: 100 }, (_, at) => newMessage(nodeId("mx1"), `Q${at}`, 1_000 + at, "client"));
  const units = messages.map((message) => newUnit(message, "in", true));
  for (const [at, unit] of units.entries()) unit.attemptMs = at + 0.5;
  for (const [at, unit] of units.entries()) {
    if (at % 3 !== 0) continue;
    unit.stay();
    unit.message?.stay();
    unit.waitMs = at;
    unit.stay();
  }
  for (const [at, unit] of units.entries()) {
    expect([unit.acceptedMs, unit.attemptMs, unit.due, unit.customer]).toEqual([1_000 + at, at + 0.5, true, true]);
    expect(unit.waitMs).toBe(at % 3 === 0 ? at : 0);
    expect(unit.message?.arrivalMs).toBe(1_000 + at);
  }
});
