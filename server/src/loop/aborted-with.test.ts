import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { abortedWith } from "./aborted-with.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("whoever is outside aborts it, with the reason, and one that is over already at once", () => {
  const outer = new AbortController();
  const inner = abortedWith(outer.signal);
  expect(inner.signal.aborted).toBe(false);
  outer.abort("enough");
  expect(inner.signal.reason).toBe("enough");
  expect(abortedWith(outer.signal).signal.reason).toBe("enough");
});

test("its own abort leaves the outer one alone and nothing hanging on it", () => {
  const outer = new AbortController();
  for (let round = 0; round < 20; round++) abortedWith(outer.signal).abort();
  expect(outer.signal.aborted).toBe(false);
  expect(getEventListeners(outer.signal, "abort")).toHaveLength(0);
});

test("a deadline outside that only a listener within waits for outlives the garbage collector", async () => {
  const fired = new Promise<number>((resolve) => {
    let count = 0;
    for (let i = 0; i < 10; i++)
      abortedWith(AbortSignal.timeout(100)).signal.addEventListener("abort", () => {
        if (++count === 10) resolve(count);
      });
  });
  const collecting = setInterval(collectGarbage, 10);
  const failed = new Promise<number>((resolve) => setTimeout(resolve, 5_000, 0));
  expect(await Promise.race([fired, failed])).toBe(10);
  clearInterval(collecting);
});
