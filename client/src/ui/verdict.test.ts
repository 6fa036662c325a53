import { type DelaySection, type IncidentView, nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { alert, incident, say } from "../lab/frames/build.ts";
import { calmFrames, calmState } from "../lab/frames/calm.ts";
import { roundTripFrames } from "../lab/frames/round-trip.ts";
import { lateState } from "../lab/frames/origin-day.ts";
import { text } from "../text/en.ts";
import { readFigure, readVerdict } from "./verdict.ts";

const nowMs = lateState.meta.nowMs;
const withDelay = (delay: Partial<DelaySection>) => ({ ...lateState, delay: { ...lateState.delay, ...delay } });
const withIncident = (open: IncidentView) => ({
  ...calmState,
  incidents: { ...calmState.incidents, incidents: [open] },
});

test.each([
  ["rising", text.verdict.lateRising, "rising"],
  ["steady", text.verdict.late, "steady"],
  ["falling", text.verdict.lateFalling, "falling"],
] as const)("late and %s is said so, with its shape", (tendency, words, shape) => {
  expect(readVerdict(withDelay({ tendency }), nowMs)).toEqual({ meaning: "late", shape, words });
});

test("mail that does not move at all is severe and says for how long", () => {
  const state = withDelay({ expected: { ...lateState.delay.expected, notMovingSinceMs: nowMs - 14 * 60_000 } });
  expect(readVerdict(state, nowMs)).toMatchObject({ meaning: "severe", words: "Mail has not moved for 14\u00a0min" });
});

test.each(["unknown", "no-traffic", "estimate"] as const)("%s is never calm", (verdict) => {
  expect(readVerdict({ ...calmState, delay: { ...calmState.delay, verdict } }, nowMs).meaning).toBe("unknown");
});

test("on time is calm only while nothing is open", () => {
  const page = incident("i", say("x"), 0, []);
  const flood = incident("i", say("x"), 0, [alert("a", "spoof-flood", say("x"), 0, [])], { severity: "ticket" });
  expect(readVerdict(calmState, nowMs).meaning).toBe("calm");
  expect(readVerdict(withIncident(page), nowMs).meaning).toBe("severe");
  expect(readVerdict(withIncident(flood), nowMs).meaning).toBe("attack");
  expect(readVerdict(withIncident({ ...page, state: "resolved" }), nowMs).meaning).toBe("calm");
});

const lateAt = (...nodes: string[]) =>
  nodes.map((node) => alert("late-host", "capacity", say("x"), 0, [], { node: nodeId(node) }));

test("a host that is late by itself is named, and the rest said to be on time", () => {
  const ticket = { severity: "ticket" } as const;
  const words = (...alerts: ReturnType<typeof lateAt>) =>
    readVerdict(withIncident(incident("i", say("x"), 0, alerts, ticket)), nowMs);
  expect(words(...lateAt("mx7"))).toMatchObject({ meaning: "late", words: "Mail is late at mx7, on time elsewhere" });
  expect(words(...lateAt("mx7", "mx8")).words).toBe("Mail is late at 2 hosts, on time elsewhere");
  const over = lateAt("mx7").map((one) => ({ ...one, state: "resolved" as const }));
  expect(words(...over).meaning).toBe("calm");
  expect(readVerdict(withIncident(incident("i", say("x"), 0, lateAt("mx7"))), nowMs).meaning).toBe("severe");
});

test.each([
  ["firing", true],
  ["resolved", false],
] as const)(
  "while we refuse mail for a fault of ours (%s), on time is said of what is taken alone",
  (state, isSaid) => {
    const refused = alert("refused-by-us", "no-arrivals", say("x"), 0, [], { state });
    const { words } = readVerdict(withIncident(incident("i", say("x"), 0, [refused])), nowMs);
    expect(words === text.verdict.onTimeRefusing).toBe(isSaid);
  },
);

test("the figure carries at least and at most", () => {
  expect(readFigure(withDelay({ atMost: true }))).toMatchObject({ kind: "duration", bound: "at-most" });
  expect(readFigure(withDelay({ atLeast: true }))).toMatchObject({ bound: "at-least" });
  expect(readFigure(withDelay({ verdict: "unknown" }))).toMatchObject({ bound: "at-least" });
  expect(readFigure(withDelay({ verdict: "unknown", headlineSeconds: null }))).toEqual({
    kind: "words",
    words: text.figure.unknown,
    caption: null,
  });
});

test("a quiet night shows our own test mail, named as such", () => {
  const quiet = calmFrames.find(({ id }) => id === "quiet")?.state ?? calmState;
  expect(readFigure(quiet)).toMatchObject({ kind: "duration", seconds: 2.1, caption: text.figure.roundTrip });
});

test("an estimate is labelled so, with what it may be off by", () => {
  const estimate = { nodes: [nodeId("mx3")], seconds: 900, sureSeconds: 9, atMost: true, atLeast: false, isAll: true };
  const figure = (given: Partial<typeof estimate>, more: Partial<DelaySection> = {}) =>
    readFigure(withDelay({ verdict: "estimate", headlineSeconds: null, estimate: { ...estimate, ...given }, ...more }));
  expect(figure({})).toMatchObject({ kind: "duration", seconds: 900, bound: "estimate-at-most" });
  expect(figure({ atLeast: true })).toMatchObject({ bound: "estimate" });
  expect(figure({ atMost: false, atLeast: true })).toMatchObject({ bound: "estimate-at-least" });
  expect(figure({ seconds: null } as never)).toMatchObject({ kind: "words", words: text.figure.noAge });
  expect(figure({}).caption).toContain("mx3");
  // What the logs of other nodes measured is more than the estimate.
  expect(figure({}, { headlineSeconds: 1_200 })).toMatchObject({ seconds: 1_200, bound: null });
});

test("a test mail that is not back says so, whatever the log says", () => {
  const [waiting, missing] = roundTripFrames.map(({ state }) => state ?? calmState);
  if (waiting === undefined || missing === undefined) throw new Error("no frames");
  expect(readFigure(waiting)).toMatchObject({ seconds: 104, bound: "at-least", caption: text.figure.roundTripSoFar });
  expect(readVerdict(waiting, waiting.meta.nowMs)).toMatchObject({ words: text.verdict.roundTripAwaited });
  expect(readVerdict(missing, missing.meta.nowMs)).toMatchObject({
    shape: "unknown",
    words: text.verdict.roundTripMissing,
  });
  const { roundTrip } = missing.delay;
  const unreadable = { ...missing.delay, roundTrip: roundTrip ? { ...roundTrip, isUnreadable: true } : null };
  expect(readVerdict({ ...missing, delay: unreadable }, missing.meta.nowMs).words).toBe(
    text.verdict.roundTripUnreadable,
  );
  const misfiled = { ...missing.delay, roundTrip: roundTrip ? { ...roundTrip, isMisfiled: true } : null };
  expect(readVerdict({ ...missing, delay: misfiled }, missing.meta.nowMs).words).toBe(text.verdict.roundTripMisfiled);
  expect(readFigure(missing)).toMatchObject({ bound: "at-least", caption: text.figure.headline });
});

test("what waits longer at its senders than anything here stands first, and beside the number only otherwise", () => {
  const atSenders = { seconds: 1_500, count: 340, leads: true, notFollowed: 0 };
  const onTime = (more: object) =>
    readVerdict({ ...calmState, delay: { ...calmState.delay, atSenders: { ...atSenders, ...more } } }, nowMs);
  expect(onTime({})).toEqual({
    meaning: "late",
    shape: "steady",
    words: "Mail that we refuse for now waits at its senders for 25\u00a0min",
  });
  expect(onTime({ leads: false }).meaning).toBe("calm");
  expect(onTime({ leads: false, seconds: null }).meaning).toBe("calm");
  expect(readVerdict(withDelay({ tendency: "rising", atSenders: { ...atSenders, leads: false } }), nowMs).words).toBe(
    text.verdict.lateRising,
  );
  const stopped = { ...lateState.delay.expected, notMovingSinceMs: nowMs - 14 * 60_000 };
  expect(readVerdict(withDelay({ expected: stopped, atSenders }), nowMs).meaning).toBe("severe");
});
