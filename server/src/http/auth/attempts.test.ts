import { expect, test } from "vitest";
import { createAttempts } from "./attempts.ts";

test("a wrong secret is news once a minute and address, however often it is repeated", () => {
  let nowMs = 0;
  const attempts = createAttempts(() => nowMs);
  const news = (address: string, secret: string): boolean => attempts.wrong(address, secret);
  expect([news("192.0.2.1", "a"), news("192.0.2.1", "b"), news("192.0.2.2", "a")]).toEqual([true, true, true]);
  for (let n = 0; n < 100; n++) expect(news("192.0.2.1", "a")).toBe(false);
  const guesses = Array.from({ length: 50 }, (_, n) => news("192.0.2.1", `guess ${n}`));
  // Those that are looked at at all.
  expect(guesses.filter(Boolean)).toHaveLength(8);
  nowMs = 60_001;
  expect(news("192.0.2.1", "a")).toBe(true);
});

test("whoever guessed by a clock that is set back is looked at again", () => {
  let nowMs = 86_400_000;
  const attempts = createAttempts(() => nowMs);
  for (let n = 0; n < 10; n++) attempts.wrong("192.0.2.1", `guess ${n}`);
  expect(attempts.isLimited("192.0.2.1")).toBe(true);
  nowMs -= 3_600_000;
  expect(attempts.isLimited("192.0.2.1")).toBe(false);
});
