import { expect, test } from "vitest";
import { nodeId } from "@mailtide/shared";
import type { Observation } from "../core/observation.ts";
import { GrowingPortion } from "./portion.ts";
import { Taken } from "./taken.ts";

const fact = (atMs: number): Observation => ({ kind: "loss", node: nodeId("mx1"), atMs, lines: 1, because: "dropped" });

test("what is taken of several portions stands in one row, asked for in any order, and holds no more", () => {
  const taken = new Taken();
  let atMs = 0;
  for (const [from, to] of [
    [2, 5],
    [0, 1],
    [3, 3],
    [1, 4],
  ] as const) {
    const portion = new GrowingPortion<Observation>();
    for (let place = 0; place < 6; place++) portion.add(atMs + place, fact(atMs + place));
    taken.add(portion, from, to);
    atMs += 10;
  }
  const expected = [2, 3, 4, 10, 31, 32, 33];
  expect(taken).toHaveLength(expected.length);
  expect([...taken].map((one) => one.atMs)).toEqual(expected);
  const places = expected.map((_, place) => place);
  for (const order of [places, places.toReversed(), [3, 3, 0, 6, 4, 2]])
    expect(order.map((place) => taken.at(place)?.atMs)).toEqual(order.map((place) => expected[place]));
  expect([taken.at(-1), taken.at(expected.length)]).toEqual([undefined, undefined]);
});
