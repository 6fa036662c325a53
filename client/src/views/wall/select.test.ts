import { expect, test } from "vitest";
import { incident, say } from "../../lab/frames/build.ts";
import { lateState } from "../../lab/frames/origin-day.ts";
import { expectedWords, recoveryWords } from "../../ui/promises.ts";
import { createFormats } from "../../ui/format.ts";
import { directionWords, leadIncident } from "./select.ts";

const formats = createFormats("en-GB", "Africa/Johannesburg");
const nowMs = lateState.meta.nowMs;
const outbox = { waiting: 0, oldestSeconds: null, failing: null };
const numbers = { headlineSeconds: null, lateShare: null, typicalSeconds: null };

test("directions are listed as people list them", () => {
  expect(directionWords({})).toBe("");
  expect(directionWords({ in: numbers })).toBe("inbound");
  expect(directionWords({ in: numbers, out: numbers, internal: numbers })).toBe("inbound, outbound and internal");
});

test("the story is the newest open page's, before newer tickets; the rest is counted", () => {
  const tickets = Array.from({ length: 6 }, (_, index) =>
    incident(`t${index}`, say("t"), 100 - index, [], { severity: "ticket" }),
  );
  const page = incident("p", say("p"), 1, []);
  const over = incident("r", say("r"), 0, [], { state: "resolved" });
  const { lead, others, moreOpen, resolved } = leadIncident({ incidents: [...tickets, page, over], outbox }, 3);
  expect(lead?.id).toBe("p");
  expect(others.map(({ id }) => id)).toEqual(["t0", "t1", "t2"]);
  expect([moreOpen, resolved.length]).toEqual([3, 1]);
  expect(leadIncident({ incidents: [over], outbox }, 3).lead).toBeNull();
});

test("recovery promises no more than the server does", () => {
  const { delay } = lateState;
  const words = (recovery: Partial<typeof delay.recovery>) =>
    recoveryWords({ ...delay, recovery: { ...delay.recovery, ...recovery } }, formats, nowMs);
  expect(words({})).toEqual({ label: "On time again not before", time: "22:50", range: null });
  expect(words({ atMs: nowMs + 3_600_000, lowMs: nowMs, highMs: nowMs + 7_200_000 })).toMatchObject({
    time: "16:03",
    range: "between 15:03 and 17:03",
  });
  expect(words({ state: "not-recovering" })).toMatchObject({ time: "not in sight" });
  expect(words({ state: "none" })).toBeNull();
});

test("a mail accepted now arrives in a range, or does not move", () => {
  expect(expectedWords(lateState.delay, nowMs)).toMatchObject({
    seconds: 13_420,
    range: "2\u00a0h\u00a050\u00a0min to 5\u00a0h\u00a005\u00a0min",
  });
  const stopped = { ...lateState.delay, expected: { ...lateState.delay.expected, notMovingSinceMs: nowMs - 120_000 } };
  expect(expectedWords(stopped, nowMs)).toMatchObject({ seconds: null, words: "not moving", range: "for 2\u00a0min" });
});
