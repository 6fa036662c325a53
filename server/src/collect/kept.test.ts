import { expect, test } from "vitest";
import { Kept } from "./kept.ts";

test("what was put in first goes when there is no more room; what is put anew takes its place", () => {
  const kept = new Kept<number>(2);
  kept.put("a", 1);
  kept.put("b", 2);
  kept.put("a", 3);
  kept.put("c", 4);
  expect([kept.get("a"), kept.get("b"), kept.get("c")]).toEqual([undefined, 2, 4]);
  expect([kept.take("b"), kept.take("b")]).toEqual([2, undefined]);
  for (let id = 0; id < 1_000; id++) kept.put(String(id), id);
  expect([kept.get("997"), kept.get("998"), kept.get("999")]).toEqual([undefined, 998, 999]);
});
