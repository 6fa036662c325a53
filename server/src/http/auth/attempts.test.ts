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
