import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { addressKey, createDescribe, prefixes } from "./connection.ts";

const from = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

test("X-Forwarded lines count only from a proxy that was named, and only as far as proxies go", () => {
  const describe = createDescribe({ trustProxy: ["10.0.0.0/8"] });
  const headers = {
    host: "inner:80",
    "x-forwarded-for": "1.1.1.1, 192.0.2.9, 10.0.0.2",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "tide.example",
  };
  expect(describe(from("::ffff:10.0.0.1", headers))).toEqual({
    clientAddress: "192.0.2.9",
    peerAddress: "10.0.0.1",
    host: "tide.example",
    secure: true,
    direct: false,
  });
  expect(describe(from("203.0.113.5", headers))).toMatchObject({
    clientAddress: "203.0.113.5",
    host: "inner:80",
    secure: false,
  });
});

// Left of what the proxy wrote the client may have written anything.
test.each([
  ["1.1.1.1, 192.0.2.9:4711", "192.0.2.9"],
  ["1.1.1.1, [2001:db8::1]:4711", "2001:db8::1"],
  ["1.1.1.1, [2001:db8::1], 10.0.0.2:80", "2001:db8::1"],
  ["1.1.1.1, 2001:db8::4711", "2001:db8::4711"],
  ["1.1.1.1, [::ffff:192.0.2.9]:4711", "192.0.2.9"],
  ["1.1.1.1, unknown", "10.0.0.1"],
  ["1.1.1.1, _hidden, 10.0.0.2", "10.0.0.2"],
  ["1.1.1.1, 192.0.2.9:port", "10.0.0.1"],
  ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["192.0.2.9, ", "192.0.2.9"],
  ["", "10.0.0.1"],
])("X-Forwarded-For: %s is %s", (forwarded, client) => {
  const describe = createDescribe({ trustProxy: ["10.0.0.0/8"] });
  expect(describe(from("10.0.0.1", { "x-forwarded-for": forwarded })).clientAddress).toBe(client);
});

test.each([
  ["127.0.0.1", "127.0.0.1:4000", true],
  ["::1", "[::1]:4000", true],
  ["::ffff:127.0.0.1", "localhost", true],
  ["127.0.0.1", "rebound.example", false],
  ["192.0.2.1", "localhost", false],
])("from %s by the name %s is direct: %s", (address, host, direct) => {
  expect(createDescribe({})(from(address, { host })).direct).toBe(direct);
});

test("what comes from a proxy that was named is never direct, whatever it leaves out", () => {
  const describe = createDescribe({ trustProxy: ["127.0.0.1/32"] });
  expect(describe(from("127.0.0.1", { host: "127.0.0.1:4000" })).direct).toBe(false);
  expect(describe(from("::1", { host: "[::1]:4000" })).direct).toBe(true);
});

test.each(["", "a b", "evil.example/path", "x\r\ny", "evil;script-src *"])("a Host like %j is none", (host) => {
  expect(createDescribe({})(from("127.0.0.1", { host })).host).toBeNull();
});

test("prefixes match addresses of their own kind and ignore nonsense", () => {
  const inside = prefixes(["192.0.2.0/24", "2001:db8::/32", "203.0.113.7", "nonsense"]);
  expect(["192.0.2.255", "2001:db8::1", "203.0.113.7", "::ffff:192.0.2.1"].every(inside)).toBe(true);
  expect(["192.0.3.0", "2001:db9::1", "nonsense", ""].some(inside)).toBe(false);
});

test("an IPv6 client is its /64", () => {
  expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:db8:1:2::1"));
  expect(addressKey("2001:db8:1:3::1")).not.toBe(addressKey("2001:db8:1:2::1"));
  expect(addressKey("192.0.2.1")).not.toBe(addressKey("192.0.2.2"));
});
