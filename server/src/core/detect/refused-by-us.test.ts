import type { RefusedByUs } from "@mailtide/shared";
import { expect, test } from "vitest";
import { collector, mx1, ruleInput } from "../../../test/sections.ts";
import { refusedByUs } from "./refused-by-us.ts";

const refused = (said: Partial<RefusedByUs> = {}): RefusedByUs => ({
  count: 200,
  share: 0.6,
  fault: "filter",
  node: null,
  ...said,
});
const ask = (said: RefusedByUs | null, more: Parameters<typeof ruleInput>[0] = {}) =>
  refusedByUs.evaluate(ruleInput({ ...more, inbound: { refusedByUs: said } }), undefined, {}).signals[0];

test.each([
  [{}, "bad", "page"],
  [{ share: 0.3 }, "bad", "ticket"],
  [{ share: 0.1 }, "between", "ticket"],
  [{ share: 0.04 }, "clear", "ticket"],
  // Two of three in a quiet minute.
  [{ count: 2, share: 0.67 }, "between", "page"],
  [{ count: 19, share: 0.1 }, "between", "ticket"],
] as const)("%j of the last minute is %s, a %s", (said, level, severity) => {
  expect(ask(refused(said))).toMatchObject({ level, severity, cause: "no-arrivals", forSeconds: 60 });
});

test("it says how much, why and where; nothing refused is clear, and nobody who is blind says so", () => {
  const said = ask(refused({ node: mx1 }));
  expect(said?.node).toBe(mx1);
  expect(said?.evidence.map(({ id }) => id)).toEqual([
    "delay.refused-count",
    "delay.refused-fault",
    "delay.refused-at",
  ]);
  expect(said?.actions[0]?.command).toContain("postfix status");
  expect(ask(null)?.level).toBe("clear");
  const stale = { collectors: [collector({ state: "stale" })] };
  expect(ask(null, { freshness: stale })?.level).toBe("unknown");
});
