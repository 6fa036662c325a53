import { expect, test } from "vitest";
import { busyBetween, pressureOf, readCounters, stalledBetween } from "./busy.ts";
import { isReadOnly } from "./mount.ts";

/** 253:1, as makedev(3) has it. */
const device = 0xfd01;
const row = (reads: number, readMs: number, writes: number, writeMs: number, busyMs: number) =>
  `   7       0 loop0 1 0 1 1 1 1 1 1 0 1 1 0 0 0 0 0 0\n 253       1 vda1 ${reads} 0 8 ${readMs} ${writes} 0 8 ${writeMs} 0 ${busyMs} 900 0 0 0 0 0 0\n`;

test("how busy a device was, and how long a read or write took", () => {
  const before = readCounters(device, row(100, 50, 10, 20, 1_000), 0);
  const now = readCounters(device, row(110, 3_050, 20, 5_020, 6_000), 10_000);
  expect(busyBetween(before, now)).toEqual({ busyShare: 0.5, ioWaitSeconds: 0.4 });
  expect(busyBetween(before, readCounters(device, row(100, 50, 10, 20, 1_000), 10_000))).toEqual({ busyShare: 0 });
  expect(busyBetween(null, now)).toEqual({});
  expect(readCounters(0x0001, row(1, 1, 1, 1, 1), 0)).toBeNull();
});

const working = (writes: number, underWay: number, readAtMs: number) =>
  readCounters(device, row(100, 50, writes, 20, 1_000).replace(" 0 1000 900", ` ${underWay} 1000 900`), readAtMs);

test("a device from which nothing comes back, though it was given something", () => {
  expect(stalledBetween(working(10, 1, 0), working(10, 3, 12_000))).toBe(12);
  expect(stalledBetween(working(10, 0, 0), working(10, 3, 12_000))).toBeNull();
  expect(stalledBetween(working(10, 1, 0), working(11, 3, 12_000))).toBeNull();
  expect(stalledBetween(null, working(11, 3, 12_000))).toBeNull();
});

test("a counter that runs over is not a year of work", () => {
  const before = readCounters(device, row(4_294_967_290, 4_294_967_200, 0, 0, 4_294_967_000), 0);
  const now = readCounters(device, row(4, 104, 0, 0, 704), 2_000);
  expect(busyBetween(before, now)).toEqual({ busyShare: 0.5, ioWaitSeconds: 0.02 });
});

test("pressure is a share", () => {
  expect(pressureOf("some avg10=12.34 avg60=0.43 avg300=0.69 total=9912595\nfull avg10=9 ...\n")).toBeCloseTo(0.1234);
  expect(pressureOf("")).toBeNull();
});

test("read only by the nearest mount of its device, by its own options or the file system's", () => {
  const mounts = [
    "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro",
    "40 22 253:1 /srv /var/spool/mail\\040box ro,relatime shared:1 - ext4 /dev/vda1 rw",
    "41 22 0:40 / /run rw - tmpfs tmpfs rw",
  ].join("\n");
  expect(isReadOnly("/var/spool/postfix", device, mounts)).toBe(false);
  expect(isReadOnly("/var/spool/mail box/active", device, mounts)).toBe(true);
  expect(isReadOnly("/x", device, mounts.replace("/dev/vda1 rw,errors", "/dev/vda1 ro,errors"))).toBe(true);
});
