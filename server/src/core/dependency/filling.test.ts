import { dependencyId } from "@mailtide/shared";
import { expect, test } from "vitest";
import type { ProbeDetails } from "../observation.ts";
import { Filling } from "./filling.ts";

/** A probe every ten seconds, `minutes` long; `free` by minute. */
function watched(minutes: number, details: (minute: number) => ProbeDetails): Filling {
  const filling = new Filling();
  for (let second = 0; second <= minutes * 60; second += 10)
    filling.add({
      kind: "probe",
      atMs: second * 1000,
      id: dependencyId("spool"),
      type: "disk",
      ok: true,
      latencySeconds: 0.001,
      details: details(second / 60),
    });
  return filling;
}

test("a disk that fills steadily is told by when it has no room for mail", () => {
  const filling = watched(15, (minute) => ({ freeShare: 0.3 - 0.006 * minute, mailNeedsShare: 0.06 }));
  // 0.21 are free after fifteen minutes, 0.15 more than mail needs.
  expect(filling.fullInSeconds()).toBeGreaterThan(24 * 60);
  expect(filling.fullInSeconds()).toBeLessThan(26 * 60);
});

test("inodes run out as space does", () => {
  const filling = watched(15, (minute) => ({ freeShare: 0.9, freeInodesShare: 0.2 - 0.01 * minute }));
  expect(filling.fullInSeconds()).toBeGreaterThan(4 * 60);
  expect(filling.fullInSeconds()).toBeLessThan(6 * 60);
});

test.each([
  ["that stays as it is", (_minute: number) => 0.2],
  ["that fills over a day", (minute: number) => 0.2 - 0.0001 * minute],
  ["with plenty left", (minute: number) => 0.9 - 0.02 * minute],
  ["that has stopped filling", (minute: number) => Math.max(0.1, 0.25 - 0.03 * minute)],
  ["that was filled and emptied", (minute: number) => (minute < 8 ? 0.2 - 0.02 * minute : 0.2)],
  ["that has begun to fill a moment ago", (minute: number) => (minute < 14.5 ? 0.2 : 0.19)],
])("nothing is told of a disk %s", (_what, free) => {
  expect(watched(15, (minute) => ({ freeShare: free(minute) })).fullInSeconds()).toBeNull();
});

test("nothing is told after a few minutes, or over a hole in the watch; it survives a restart", () => {
  expect(watched(4, (minute) => ({ freeShare: 0.2 - 0.03 * minute })).fullInSeconds()).toBeNull();
  const filling = watched(15, (minute) => ({ freeShare: 0.2 - 0.01 * minute }));
  const again = new Filling(JSON.parse(JSON.stringify(filling.save())) as ReturnType<Filling["save"]>);
  expect(again.fullInSeconds()).toBe(filling.fullInSeconds());
  expect(again.save().length).toBeLessThanOrEqual(16);
});
