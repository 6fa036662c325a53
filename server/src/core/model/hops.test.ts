import { expect, test } from "vitest";
import { inPrefix, parseAddress, parsePrefix } from "./address.ts";
import { compileHops, type Hop, hopOf } from "./hops.ts";

const hop = (changes: Partial<Hop>): Hop => ({ host: null, ip: null, port: null, transports: ["smtp"], ...changes });

test.each([
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["192.0.2.128/25", "192.0.2.127", false],
  ["fd00::/8", "fd12::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["127.0.0.1", "::ffff:127.0.0.1", true],
])("prefix %s holds %s: %s", (prefix, address, held) => {
  const [bytes, range] = [parseAddress(address), parsePrefix(prefix)];
  expect(bytes !== null && range !== null && inPrefix(bytes, range)).toBe(held);
});

test.each(["1.2.3", "1.2.3.256", "::1::", "1:2:3", "mx.example", "g::1", "1.2.3.4/33"])("%s is no address", (text) => {
  expect(parsePrefix(text)).toBeNull();
});

test("by default private addresses and final agents are ours, others are not", () => {
  const hops = compileHops();
  expect(hops.own(hop({ ip: "127.0.0.1" }))).toBe(true);
  expect(hops.own(hop({ ip: "10.1.2.3" }))).toBe(true);
  expect(hops.own(hop({ transports: ["lmtp"], ip: "203.0.113.7" }))).toBe(true);
  expect(hops.own(hop({ host: "mx.far.test", ip: "203.0.113.7" }))).toBe(false);
});

test("a list replaces the default; a port tells two services at one address apart", () => {
  const hops = compileHops(["127.0.0.1:2525", ".store.test", "Relay.test", "[2001:db8::1]:24", "transport:archive"]);
  expect(hops.own(hop({ ip: "127.0.0.1", port: 2_525 }))).toBe(true);
  expect(hops.own(hop({ ip: "127.0.0.1", port: 2_526 }))).toBe(false);
  expect(hops.own(hop({ ip: "10.1.2.3" }))).toBe(false);
  expect(hops.own(hop({ host: "a.STORE.test" }))).toBe(true);
  expect(hops.own(hop({ host: "relay.test" }))).toBe(true);
  expect(hops.own(hop({ ip: "2001:db8::1", port: 24 }))).toBe(true);
  expect(hops.own(hop({ transports: ["archive", "smtp"] }))).toBe(true);
});

test("who connects is ours by a private address, a prefix or an address of the list, in either form", () => {
  const hops = compileHops(["192.0.2.0/25", "198.51.100.7", "203.0.113.9:25", "2001:db8::/32", "0.0.0.0/32"]);
  const ours = [
    "127.0.0.1",
    "10.9.8.7",
    "172.31.255.255",
    "192.0.2.127",
    "198.51.100.7",
    "::ffff:192.0.2.1",
    "0.0.0.0",
  ];
  expect(ours.filter((ip) => !hops.ownAddress(ip))).toEqual([]);
  expect(["2001:db8::9", "fd00::1", "fe80::1"].filter((ip) => !hops.ownAddress(ip))).toEqual([]);
  const others = ["192.0.2.128", "198.51.100.8", "203.0.113.9", "172.32.0.0", "2001:db9::1", "1.2.3", "1.2.3.256", "x"];
  expect(others.filter((ip) => hops.ownAddress(ip))).toEqual([]);
  expect(compileHops(["0.0.0.0/0"]).ownAddress("203.0.113.9")).toBe(true);
});

function of(reason: string): Hop {
  return hopOf({ event: "delivery", process: "postfix/error", relay: "none", reason });
}

test("where the agent names no relay, the reason does", () => {
  expect(of("delivery temporarily suspended: connect to x[127.0.0.1]:2526: Connection refused")).toMatchObject({
    ip: "127.0.0.1",
    port: 2_526,
  });
  expect(of("host mx.far.test[192.0.2.1] refused to talk to me: 421 busy")).toMatchObject({
    host: "mx.far.test",
    ip: "192.0.2.1",
  });
  expect(of("Deferred: Connection refused by [127.0.0.1]")).toMatchObject({ host: null, ip: "127.0.0.1" });
  expect(of("Deferred: Connection timed out with mx.far.test.")).toMatchObject({ host: "mx.far.test", ip: null });
  expect(of("reply: read error from [192.0.2.1]")).toMatchObject({ host: null, ip: "192.0.2.1" });
  expect(of("connect to mx[private/dovecot-lmtp]: Connection refused").transports).toContain("lmtp");
  expect(
    of("Host or domain name not found. Name service error for name=relay.test type=A: Host not found, try again").host,
  ).toBe("relay.test");
  expect(hopOf({ event: "delivery", process: "postfix/pipe", relay: "dovecot" }).transports).toEqual([
    "pipe",
    "dovecot",
  ]);
});
