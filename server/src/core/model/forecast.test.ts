import { expect, test } from "vitest";
import { Desk, epochMs, ids } from "../../../test/model/lines.ts";
import { arrivalOfLongId } from "./long-queue-id.ts";
import { Counter } from "./counter.ts";
import { survivalQuantiles } from "./survival.ts";
import { binMs, waitBin } from "./wait-bins.ts";

test("nothing leaves: since when", () => {
  const desk = new Desk();
  for (const id of ids("Q", 5)) desk.arrive(0, id);
  desk.send(10, "Q0");
  for (let second = 0; second <= 100; second++) desk.at(second);
  const { expected } = desk.at(101).delay;
  expect(expected).toEqual({
    seconds: null,
    lowSeconds: null,
    highSeconds: null,
    notMovingSinceMs: desk.epochMs + 10_000,
  });
});

test("while new mail overtakes, a mail of now waits as the last quarter of an hour's did", () => {
  const desk = new Desk();
  for (let second = 0; second < 900; second += 10) {
    desk.arrive(second, `Q${second}`);
    desk.send(second + 4, `Q${second}`);
    desk.at(second + 4);
  }
  expect(desk.at(900).delay.expected).toMatchObject({ seconds: 4, lowSeconds: 4, highSeconds: 4 });
  expect(desk.at(900).delay.typicalSeconds).toBe(4);
});

/** 600 wait at second 0; from then on the oldest leaves every `pace` seconds, and `arriving` come every ten. */
function backlog(pace: number, arriving: number, seconds: number): Desk {
  const desk = new Desk();
  let [next, left] = [600, 0];
  for (const id of ids("Q", 600)) desk.arrive(0, id);
  desk.at(0);
  for (let second = 1; second <= seconds; second++) {
    if (second % 10 === 0) for (let i = 0; i < arriving; i++) desk.arrive(second, `Q${next++}`);
    if (second % pace === 0) desk.send(second, `Q${left++}`);
    desk.at(second);
  }
  return desk;
}

test("while mail queues, the busy rate does all work due: first in, first out", () => {
  // One leaves every 4 s, one comes every 10 s: after 900 s 225 of 690 are out, a third of those accepted 5 to 15 minutes ago.
  const { delay } = backlog(4, 1, 900).at(900);
  expect(delay.work.due).toBe(465);
  expect(delay.work.busyPerSecond).toBe(0.25);
  expect(delay.expected.seconds).toBe(1_860);
  expect(delay.headlineSeconds).toBe(900);
  // (465 - 0.25 x 300) / (0.25 - 0.1) = 2,600 s, and 300 s until the ended waits are no longer spoken of.
  expect(delay.recovery).toMatchObject({ state: "recovering", atMs: null });
  const seconds = ((delay.recovery.notBeforeMs ?? 0) - epochMs) / 1_000 - 900;
  expect(seconds).toBeGreaterThan(2_800);
  expect(seconds).toBeLessThan(3_000);
});

test("in a quiet night a retry that waits its turn is no forecast", () => {
  const desk = new Desk();
  for (const id of ids("Q", 3)) desk.arrive(0, id);
  // One leaves, two are still due: blocks are busy, and slow.
  for (let second = 1; second <= 1_500; second++) {
    if (second === 600) desk.send(second, "Q0");
    desk.at(second);
  }
  const { expected, work } = desk.at(1_500).delay;
  expect(work).toMatchObject({ due: 2, busyPerSecond: expect.any(Number) });
  expect(expected).toEqual({ seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: null });
});

test("more comes than the busy rate does: the bound stands, the state is unknown", () => {
  const { delay } = backlog(4, 5, 900).at(900);
  expect(delay.recovery.state).toBe("unknown");
  expect(delay.recovery.notBeforeMs).toBeGreaterThan(epochMs + 900_000 + 300_000);
});

test("a block in which work ran out is not busy", () => {
  const desk = new Desk();
  desk.at(0);
  for (let second = 1; second <= 600; second++) {
    desk.arrive(second, `Q${second}`);
    desk.send(second, `Q${second}`);
    desk.at(second);
  }
  const { work } = desk.at(601).delay;
  expect([work.due, work.busyPerSecond]).toEqual([0, null]);
  expect([work.arrivingPerSecond, work.leavingPerSecond]).toEqual([1, 1]);
});

test("Kaplan-Meier: those who still wait are at risk as long as they have waited", () => {
  const [one, two, three] = [1_000, 2_000, 3_000].map(waitBin) as [number, number, number];
  // 4 units: one ended at 1 s (3/4 outlast it), one censored at 2 s, one ended at 3 s of 2 at risk (3/8): the median is 3 s.
  const nowMs = 1_700_000_000_000;
  const begun = (secondsAgo: number): number => nowMs / 1_000 - secondsAgo;
  const ended = counter([one, three]);
  const found = [1, 3, null];
  const shares = [0.1, 0.5, 0.9];
  expect(survivalQuantiles({ ended: [ended], going: [counter([two, three])], growing: [] }, nowMs, shares)).toEqual(
    found,
  );
  // Whether a wait stands still or grows, and in how many lists they are kept, makes no difference.
  const split = { ended: [counter([one]), counter([three])], going: [], growing: [counter([begun(2), begun(3)])] };
  expect(survivalQuantiles(split, nowMs, shares)).toEqual(found);
  expect(survivalQuantiles({ ended: [], going: [counter([two])], growing: [] }, nowMs, [0.5])).toEqual([null]);
});

function counter(keys: readonly number[]): Counter {
  const made = new Counter();
  for (const key of keys) made.add(key, 1);
  return made;
}

test("bins are as fine as waits are logged, and whole seconds are exact", () => {
  for (const waitMs of [0, 10, 270, 990, 1_000, 1_100, 9_900, 10_000, 11_000, 21_900_000])
    expect(binMs(waitBin(waitMs))).toBe(waitMs);
  expect(binMs(waitBin(10_999))).toBe(10_000);
});

test("a long queue id tells the arrival", () => {
  const alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
  const digits = (value: number, width: number): string =>
    Array.from({ length: width }, (_, i) => alphabet[Math.floor(value / 52 ** (width - 1 - i)) % 52]).join("");
  expect(arrivalOfLongId(`${digits(1_700_000_000, 6)}${digits(250_000, 4)}zJbK`)).toBe(1_700_000_000_250);
  expect(arrivalOfLongId("6F7D621606C")).toBeNull();
});
