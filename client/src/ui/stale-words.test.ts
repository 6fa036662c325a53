import { expect, test } from "vitest";
import { collector } from "../lab/frames/build.ts";
import { createFormats } from "./format.ts";
import { silentWords, staleWords } from "./stale-words.ts";

const nowMs = Date.parse("2016-05-11T13:03:08Z");
const formats = createFormats("en-GB", "UTC");
const stopped = collector("mx1/agent", "mx1", nowMs - 600_000, {
  state: "stale",
  problem: "no data for more than 15 s",
});
const fast = collector("mx1/agent", "mx1", nowMs - 600_000, { state: "failing", problem: "its clock is 90 s fast" });
const stale = (one: typeof stopped) =>
  staleWords({ kind: "collector", sinceMs: one.lastDataMs, collector: one, others: 0 }, formats, nowMs);

test("who is silent has stopped, and who speaks and cannot be relied on fails", () => {
  expect(stale(stopped)).toEqual({
    headline: "No data since 12:53",
    what: "mx1/agent has stopped.",
    problem: "no data for more than 15 s",
  });
  expect(stale(fast)).toEqual({
    headline: "No data to rely on since 12:53",
    what: "mx1/agent fails.",
    problem: "its clock is 90 s fast",
  });
  const words = (one: typeof stopped) => silentWords({ collectors: [one], hosts: 2 }, formats, nowMs);
  expect([words(stopped), words(fast)]).toEqual([
    "No data from mx1 since 12:53",
    "No data to rely on from mx1 since 12:53",
  ]);
});
