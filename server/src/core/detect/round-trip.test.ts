import { dependencyId, type DependencyView } from "@mailtide/shared";
import { expect, test } from "vitest";
import { database, ruleInput, someMs } from "../../../test/sections.ts";
import { plain } from "../text/plain.ts";
import { roundTrip } from "./round-trip.ts";

const trip = { isSoFar: true, isRefused: false } as const;

function lasting(
  view: Partial<DependencyView>,
  seconds: readonly number[],
  delay: NonNullable<NonNullable<Parameters<typeof ruleInput>[0]>["delay"]> = {},
) {
  let memory: unknown;
  return seconds.map((second) => {
    const shown = database({ id: dependencyId("trip"), type: "roundtrip", sql: null, checkedAtMs: someMs, ...view });
    const input = ruleInput({ delay, dependencies: { dependencies: [shown] } }, someMs + second * 1000);
    const result = roundTrip.evaluate(input, memory, {});
    memory = JSON.parse(JSON.stringify(result.memory));
    return result.signals[0];
  });
}
const missing = { state: "failing", latencySeconds: 320, trip } as const;

test("a mail that is not back is a ticket while the log says that all is well, and a page when it lasts", () => {
  const signals = lasting(missing, [0, 279, 280]);
  expect(signals.map((signal) => signal?.severity)).toEqual(["ticket", "ticket", "page"]);
  expect(signals[0]).toMatchObject({ level: "bad", cause: "delivery-slow", startedAtMs: someMs - 320_000 });
  expect(signals[0]?.evidence.map((line) => plain(line, { timezone: "UTC", locale: "en" }))).toEqual([
    expect.stringMatching(/^Sent 5 min.* ago, and none since is back\.$/),
    expect.stringMatching(/^By the log no mail is late/),
  ]);
});

test("where the log tells of mail that waits as long, ours is not called lost", () => {
  const shown = database({ id: dependencyId("trip"), type: "roundtrip", sql: null, checkedAtMs: someMs, ...missing });
  const lines = (oldestSeconds: number | null): string[] => {
    const { queues } = ruleInput().sections;
    const waiting = { ...queues.waiting, own: { count: oldestSeconds === null ? 0 : 28, oldestSeconds } };
    const input = ruleInput({ queues: { waiting }, dependencies: { dependencies: [shown] } }, someMs);
    const [signal] = roundTrip.evaluate(input, undefined, {}).signals;
    return (signal?.evidence ?? []).map((line) => plain(line, { timezone: "UTC", locale: "en" }));
  };
  const says = "By the log no mail is late: it is lost, or waits where the log does not tell of it.";
  expect(lines(null)).toContain(says);
  expect(lines(20)).toContain(says);
  expect(lines(240)).toContain("By the log mail waits on us, the oldest for 4 min.");
  expect(lines(240)).not.toContain(says);
});

test("late by the log too, it wakes somebody at once; where nothing leaves the cause is that", () => {
  const late = { verdict: "late", headlineSeconds: 400 } as const;
  expect(lasting(missing, [0], late)[0]).toMatchObject({ severity: "page", cause: "delivery-slow" });
  const expectedWait = { seconds: null, lowSeconds: null, highSeconds: null, notMovingSinceMs: someMs };
  expect(lasting(missing, [0], { ...late, expected: expectedWait })[0]?.cause).toBe("no-departures");
});

test("not even taken is a matter of minutes", () => {
  const refused = { isSoFar: false, isRefused: true };
  const signals = lasting({ state: "failing", latencySeconds: 1, trip: refused }, [0, 178, 180]);
  expect(signals.map((signal) => signal?.severity)).toEqual(["info", "ticket", "page"]);
  expect(signals[0]?.cause).toBe("no-arrivals");
});

test("back in time is clear, longer than the target is not, and silence keeps what was", () => {
  expect(lasting({ state: "ok", latencySeconds: 2 }, [0])[0]?.level).toBe("clear");
  expect(lasting({ state: "ok", latencySeconds: 900 }, [0])[0]?.level).toBe("bad");
  expect(lasting({ state: "unknown" }, [0])[0]?.level).toBe("unknown");
});

test("a single late mail of a quiet night wakes nobody before it has lasted", () => {
  const shown = {
    ...trip,
    dependency: dependencyId("trip"),
    state: "failing",
    seconds: 320,
    isHeadline: true,
  } as const;
  const quiet = { verdict: "unknown", headlineSeconds: 320, roundTrip: shown } as const;
  expect(lasting(missing, [0], quiet)[0]?.severity).toBe("ticket");
});

function unreadable(isSoFar: boolean): unknown {
  const [found] = lasting({ ...missing, trip: { isSoFar, isRefused: false, isUnreadable: true } }, [0]);
  return [found?.title, ...(found?.evidence ?? [])].map(
    (line) => line && plain(line, { timezone: "UTC", locale: "en" }),
  );
}

test("a mail that is taken for spam is said as such; by itself it is a ticket, however long it lasts", () => {
  const misfiled = { ...missing, latencySeconds: 3, trip: { isSoFar: false, isRefused: false, isMisfiled: true } };
  const seen = lasting(misfiled, [0, 30, 3_600]);
  expect(seen.map((found) => found?.severity)).toEqual(["info", "ticket", "ticket"]);
  expect(seen[0]?.title && plain(seen[0].title, { timezone: "UTC", locale: "en" })).toBe(
    "Our own test mail (trip) is taken for spam",
  );
  expect(seen[0]?.evidence).toEqual([]);
});

test("a mailbox that cannot be read is said as such, with the wait of what is out", () => {
  const title = "The mailbox of our own test mail (trip) cannot be read";
  expect(unreadable(true)).toEqual([title, expect.stringMatching(/^Sent 5 min.* ago, and none since is back\.$/)]);
  expect(unreadable(false)).toEqual([title]);
});
