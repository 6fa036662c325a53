import { expect, test } from "vitest";
import { blocklist } from "./blocklist.ts";
import type { HostileSource } from "./hostile.ts";

const hostile = (ip: string, facts: Partial<HostileSource> = { spoofed: 2 }): HostileSource => ({
  ip,
  firstSeenMs: 0,
  lastSeenMs: 0,
  messages: 0,
  spoofed: 0,
  rejected: 0,
  authFailures: 0,
  ...facts,
});

test("twice hostile stands on it, once, only refused, or now and then among honest mail does not", () => {
  const list = blocklist(
    [
      hostile("198.51.100.9", { spoofed: 1 }),
      hostile("198.51.100.7", { rejected: 900 }),
      hostile("198.51.100.5", { authFailures: 2 }),
      hostile("198.51.100.3", { spoofed: 1, rejected: 1 }),
      hostile("198.51.100.1", { spoofed: 40, messages: 900 }),
      hostile("2001:db8:1:2::7"),
      hostile("2001:db8:1:2:ffff::9"),
    ],
    [],
  );
  expect(list).toEqual(["198.51.100.3/32", "198.51.100.5/32", "2001:db8:1:2::/64"]);
});

test("neighbours are merged as far as all of a block is hostile, and no further", () => {
  const some = [4, 5, 6, 7, 8, 10, 11].map((last) => hostile(`192.0.2.${last}`));
  expect(blocklist(some, [])).toEqual(["192.0.2.4/30", "192.0.2.8/32", "192.0.2.10/31"]);
  const whole = Array.from({ length: 256 }, (_, last) => hostile(`203.0.113.${last}`));
  expect(blocklist(whole, [])).toEqual(["203.0.113.0/24"]);
  expect(blocklist(whole, ["203.0.113.128"])).toEqual([
    "203.0.113.0/25",
    "203.0.113.129/32",
    "203.0.113.130/31",
    "203.0.113.132/30",
    "203.0.113.136/29",
    "203.0.113.144/28",
    "203.0.113.160/27",
    "203.0.113.192/26",
  ]);
  expect(blocklist([hostile("2001:db8:0:2::1"), hostile("2001:db8:0:3::1")], [])).toEqual(["2001:db8:0:2::/63"]);
});

test("who wrote honestly, and who shares a /64 with him, stay off; so do our own machines and what is no address", () => {
  const list = blocklist(
    [
      hostile("192.0.2.1"),
      hostile("::ffff:192.0.2.2"),
      hostile("2001:db8:1:2::7"),
      hostile("127.0.0.1"),
      hostile("10.3.2.1"),
      hostile("::1"),
      hostile("fe80::1"),
      hostile("fd00::1"),
      hostile("unknown"),
      hostile("999.1.1.1"),
      hostile("240.0.0.1"),
    ],
    ["192.0.2.1", "2001:db8:1:2::8", "nobody"],
  );
  expect(list).toEqual(["192.0.2.2/32", "240.0.0.1/32"]);
});

test("the order is of numbers, not of letters, whatever the order of the input", () => {
  const ips = ["100.1.1.1", "9.1.1.1", "20.1.1.1"];
  const sorted = ["9.1.1.1/32", "20.1.1.1/32", "100.1.1.1/32"];
  expect(
    blocklist(
      ips.map((ip) => hostile(ip)),
      [],
    ),
  ).toEqual(sorted);
  expect(
    blocklist(
      ips.toReversed().map((ip) => hostile(ip)),
      [],
    ),
  ).toEqual(sorted);
});
