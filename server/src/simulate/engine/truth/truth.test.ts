import { expect, test } from "vitest";
import type { TruthRow } from "../simulate-contract.ts";
import type { Session } from "../world.ts";
import { createSenders, networkOf } from "./senders.ts";
import { createTruth, peakOf } from "./truth.ts";
import { medianMs, count } from "./wait-counts.ts";

const minutes = (number: number) => number * 60_000;
const session = (number: number): Session => ({
  client: { name: "a.example", ip: `192.0.2.${number % 250}` },
  helo: "a.example",
  saslUser: null,
  sender: `s${number}@a.example`,
  recipients: ["b@b.example"],
  sizeBytes: 1,
  messageId: "m",
  hostile: false,
  who: "innocent",
  refuse: null,
});

test("mail that we put off waits at its sender from the first 4xx, once it came back", () => {
  const senders = createSenders();
  for (let number = 0; number < 40; number++) senders.deferred(session(number), minutes(1));
  // Nobody came back yet: they may be robots.
  expect(senders.headlineMs(minutes(10))).toBe(0);
  for (let number = 0; number < 20; number++) senders.deferred(session(number), minutes(11));
  expect(senders.headlineMs(minutes(12))).toBe(minutes(11));
  for (let number = 0; number < 20; number++) senders.accepted(session(number), minutes(31));
  expect(senders.headlineMs(minutes(33))).toBe(minutes(30));
  expect(senders.headlineMs(minutes(36))).toBe(0);
});

test("a sender that gave up is dropped four hours after its last try", () => {
  const senders = createSenders();
  for (const atMs of [0, minutes(30)])
    for (let number = 0; number < 20; number++) senders.deferred(session(number), atMs);
  expect(senders.headlineMs(minutes(260))).toBe(minutes(260));
  expect(senders.headlineMs(minutes(276))).toBe(0);
});

test("a sender's network is its /24 or /64", () => {
  expect(networkOf("192.0.2.77")).toBe("192.0.2");
  expect(networkOf("2001:db8::1")).toBe("2001:db8:0:0");
  expect(networkOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
});

test("typical and expected waits are known from the future", () => {
  const truth = createTruth({ runDelayMs: minutes(5), firstEventMs: Infinity });
  const early = Array.from({ length: 10 }, () => truth.units.accept(minutes(0.5)));
  truth.minute(minutes(1));
  const late = Array.from({ length: 20 }, () => truth.units.accept(minutes(1.5)));
  early.forEach((unit) => truth.units.leave(unit, minutes(0.5) + 2_000));
  truth.minute(minutes(2));
  late.slice(0, 15).forEach((unit) => truth.units.leave(unit, minutes(11.5)));
  for (let minute = 3; minute < 20; minute++) truth.minute(minutes(minute));
  const rows = truth.end();
  expect(rows[0]).toMatchObject({ typicalSeconds: 2.1, expectedWaitSeconds: 2.1 });
  expect(rows[1]?.expectedWaitSeconds).toBeCloseTo(600, -1);
  expect(rows[1]?.typicalSeconds).toBeCloseTo(600, -1);
  expect(rows[2]?.expectedWaitSeconds).toBeNull();
  expect(rows[18]?.typicalSeconds).toBeNull();
});

test("a median that still waits is not known", () => {
  const counts = new Map<number, number>();
  count(counts, 1_000);
  expect(medianMs([counts], 0)).toBe(1_050);
  expect(medianMs([counts], 1)).toBe(1_050);
  expect(medianMs([counts], 2)).toBeNull();
  const long = new Map<number, number>();
  count(long, 3_600_000);
  expect(Math.abs((medianMs([long], 0) ?? 0) / 3_600_000 - 1)).toBeLessThan(0.002);
});

const row = (minute: number, headlineSeconds: number) =>
  ({ at: new Date(minutes(minute)).toISOString(), headlineSeconds }) as TruthRow;
test("recovery is when the headline stays under the target for a quarter of an hour", () => {
  const course = [10, 900, 1800, 200, 400, ...Array.from({ length: 20 }, () => 100)].map((one, at) => row(at, one));
  expect(peakOf(course)).toEqual({
    peak: { at: "1970-01-01T00:02:00.000Z", headlineSeconds: 1800 },
    recoveredAt: "1970-01-01T00:05:00.000Z",
  });
  expect(peakOf(course.slice(0, 10)).recoveredAt).toBeNull();
  expect(peakOf([row(0, 0)])).toEqual({ peak: null, recoveredAt: null });
});

test("attackers are told with their second message, and the new and innocent apart from them", () => {
  const { sources } = createTruth({ runDelayMs: 1, firstEventMs: minutes(10) });
  const seen = (number: number, who: Session["who"], minute: number) =>
    sources.seen({ ...session(number), who }, minutes(minute));
  seen(1, "innocent", 5);
  seen(1, "innocent", 15);
  seen(2, "innocent", 15);
  seen(3, "attacker", 16);
  seen(4, "attacker", 16);
  seen(4, "attacker", 17);
  seen(4, "innocent", 18);
  expect(sources.innocentNew()).toEqual(["192.0.2.2"]);
  expect(sources.attackers()).toEqual([
    { ip: "192.0.2.3", messages: 1, secondAt: null },
    { ip: "192.0.2.4", messages: 2, secondAt: "1970-01-01T00:17:00.000Z" },
  ]);
});
