import { expect, test } from "vitest";
import { WriteRoom } from "./write-room.ts";

test("one token has half of the room, for what is being read and for what waits; what leaves makes room again", () => {
  const room = new WriteRoom(4, 100);
  const [one, two] = [room.enter("foe"), room.enter("foe")];
  expect(room.enter("foe")).toBeNull();
  const [other, last] = [room.enter("honest"), room.enter("third")];
  expect(room.enter("fourth")).toBeNull();
  expect(one?.read(40)).toBe(true);
  expect(two?.read(11)).toBe(false);
  two?.leave();
  expect(room.enter("foe")?.read(10)).toBe(true);
  expect(other?.read(50)).toBe(true);
  expect(last?.read(1)).toBe(false);
  last?.leave();
  one?.leave();
  expect(room.enter("third")?.read(40)).toBe(true);
});

test("what waits until it is durable keeps no place of those that are being read", () => {
  const room = new WriteRoom(4, 1_000);
  for (let n = 0; n < 50; n++) expect(room.enter("everybody's")?.read(10)).toBe(true);
  expect(room.enter("everybody's")).not.toBeNull();
});
