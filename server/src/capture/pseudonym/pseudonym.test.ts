import { expect, test } from "vitest";
import * as fc from "fast-check";
import { isPrivate, parseAddress } from "../../core/model/address.ts";
import { networkOf } from "../../core/sources/network.ts";
import { canonicalAddress, senderIsRecipient } from "../../core/sources/canonical.ts";
import { createCryptoPan } from "./crypto-pan.ts";
import { createMailboxes } from "./mailboxes.ts";
import { createNames } from "./names.ts";
import { createNetworks } from "./networks.ts";
import { createWords } from "./words.ts";

const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const bytesOf = (ip: string) => parseAddress(ip) ?? [];

test("Crypto-PAn gives the addresses of its authors' sample", () => {
  const sample = [
    21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87,
    76, 45, 42, 132, 34, 2,
  ];
  const pan = createCryptoPan(Uint8Array.from(sample));
  const map = (ip: string) => pan(bytesOf(ip)).join(".");
  expect(map("128.11.68.132")).toBe("135.242.180.132");
  expect(map("129.118.74.4")).toBe("134.136.186.123");
  expect(map("130.132.252.244")).toBe("133.68.164.234");
  expect(map("141.223.7.43")).toBe("141.167.8.160");
});

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join("."));
const ipv6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(":"));

test("an address stays in its class, and those of one network stay together", () => {
  const { ip } = createNetworks(key);
  const near = fc.oneof(
    fc.tuple(ipv4, fc.nat(255)).map(([one, last]) => [one, one.replace(/\d+$/, String(last))] as const),
    fc
      .tuple(
        fc.constantFrom("10.1", "172.20", "192.168", "100.70", "169.254", "11.2", "193.0"),
        fc.nat(255),
        fc.nat(255),
        fc.nat(255),
      )
      .map(([begin, net, a, b]) => [`${begin}.${net}.${a}`, `${begin}.${net}.${b}`] as const),
    fc
      .tuple(ipv6, ipv6)
      .map(([a, b]) => [a, [...a.split(":").slice(0, 4), ...b.split(":").slice(4)].join(":")] as const),
  );
  fc.assert(
    fc.property(near, ([a, b]) => {
      const [x, y] = [ip(a) ?? "", ip(b) ?? ""];
      expect(isPrivate(bytesOf(x))).toBe(isPrivate(bytesOf(a)));
      expect(networkOf(x)).toBe(networkOf(y));
      expect(x === y).toBe(bytesOf(a).join() === bytesOf(b).join());
    }),
    { numRuns: 3_000 },
  );
  expect(ip("127.0.0.1")).toBe("127.0.0.1");
  expect(ip("::1")).toBe("::1");
  expect(ip("192.0.2.1")).not.toBe("192.0.2.1");
  expect(ip("mail.example")).toBe(null);
});

test("no two addresses become one", () => {
  const { ip } = createNetworks(key);
  const all = Array.from({ length: 65_536 }, (_, index) => `193.7.${index >> 8}.${index & 255}`);
  expect(new Set(all.map(ip)).size).toBe(all.length);
});

const inside = (address: string, rule: string) => {
  const [net = "", bits = "32"] = rule.split("/");
  const shifted = (text: string) =>
    bytesOf(text)
      .map((byte) => byte.toString(2).padStart(8, "0"))
      .join("")
      .slice(0, Number(bits));
  return bytesOf(net).length === bytesOf(address).length && shifted(net) === shifted(address);
};

test("own networks hold what they held", () => {
  const own = [
    "203.0.113.16/28",
    "10.0.0.0/8",
    "10.9.0.0/16",
    "17.0.0.0/8",
    "10.0.0.0/7",
    "2001:db8:7::/48",
    "198.51.100.7",
  ];
  const { ip, prefix } = createNetworks(key, own);
  const { hop } = createNames(createWords(key), { ip, prefix });
  const address = fc.oneof(
    ipv4,
    ipv6,
    fc.nat(255).map((last) => `203.0.113.${last}`),
    fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.${a}.${b}.1`),
    fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `17.${a}.${b}.1`),
    ipv6.map((text) => `2001:db8:7:${text.split(":").slice(3).join(":")}`),
  );
  fc.assert(
    fc.property(address, fc.constantFrom(...own), (one, rule) => {
      expect(inside(ip(one) ?? "", hop(rule))).toBe(inside(one, rule));
    }),
    { numRuns: 4_000 },
  );
});

const words = createWords(key);
const names = createNames(words, createNetworks(key));
const mailbox = createMailboxes(words, names);

test("names keep their ends, addresses their domains, spellings their mailbox", () => {
  const { domain, host, hop } = names;
  expect(domain("mx.example.org").endsWith(`.${domain("example.org")}`)).toBe(true);
  expect(hop(".example.org")).toBe(`.${domain("example.org")}`);
  expect(domain("Mx.Example.ORG")).not.toBe(domain("mx.example.org"));
  expect(domain("Mx.Example.ORG").toLowerCase()).toBe(domain("mx.example.org"));
  expect(host("unknown")).toBe("unknown");
  expect(host("[127.0.0.1]")).toBe("[127.0.0.1]");
  expect(hop("transport:acme-lmtp")).toBe(`transport:${host("acme-lmtp")}`);
  expect(hop("filter.example.org:10025")).toBe(`${host("filter.example.org")}:10025`);
  expect(mailbox("")).toBe("");
  expect(mailbox("a@example.org").split("@")[1]).toBe(domain("example.org"));
});

test("the mark of a probe becomes another one, whatever its spelling", () => {
  const id = "1f2e3d4c5b6a79880abc";
  const made = mailbox(`mailtide-probe+${id}@own.test`);
  expect(made).toMatch(/^p\w{9}-p\w{9}\+[0-9a-f]{20}@/);
  expect(made.replace(/\+[0-9a-f]{20}@/, "@")).toBe(mailbox("mailtide-probe@own.test"));
  expect(made).not.toContain(id);
  const loud = mailbox(`mailtide-probe+${id.toUpperCase()}@own.test`);
  expect(loud).not.toBe(made);
  expect(loud.toLowerCase()).toBe(made.toLowerCase());
});

test("what was one mailbox is one, and what was not is not", () => {
  const user = fc.constantFrom("ann", "Ann", "bob", "ann+news", "john-doe", "x");
  const at = fc.constantFrom("example.org", "Example.org", "other.test");
  const address = fc.tuple(user, at).map((parts) => parts.join("@"));
  const dressed = fc.oneof(
    address,
    fc.tuple(user, at).map(([local, domain]) => `prvs=0123abcdef=${local}@${domain}`),
    fc.tuple(user, at).map(([local, domain]) => `prvs=${local}=0123abcdef@${domain}`),
    fc.tuple(user, at).map(([local, domain]) => `SRS0=HaSh=TT=${domain}=${local}@forwarder.test`),
    fc.tuple(user, at).map(([local, domain]) => `SRS1=HaSh=hop.test==HHH=TT=${domain}=${local}@next.test`),
    fc.tuple(user, at, at).map(([local, domain, list]) => `list-${local}=${domain}@${list}`),
    fc.tuple(user, at).map(([local, domain]) => `${local}-ann=example.org@${domain}`),
  );
  fc.assert(
    fc.property(dressed, address, (sender, recipient) => {
      expect(senderIsRecipient(mailbox(sender), mailbox(recipient), "+")).toBe(
        senderIsRecipient(sender, recipient, "+"),
      );
    }),
    { numRuns: 5_000 },
  );
});

test("any address: equal mailboxes stay equal, others apart", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc
      .array(fc.constantFrom("a", "B", "-", "+", "=", ".", "@", "prvs=", "srs0=", "srs1=", '"', " "), { maxLength: 12 })
      .map((parts) => parts.join("")),
    fc.integer({ min: 900, max: 1_100 }).map((length) => `${"-a".repeat(length / 2)}@b.test`),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      const [x, y] = [canonicalAddress(mailbox(a), "+"), canonicalAddress(mailbox(b), "+")];
      expect(x === null).toBe(canonicalAddress(a, "+") === null);
      if (x !== null) expect(x === y).toBe(canonicalAddress(a, "+") === canonicalAddress(b, "+"));
    }),
    { numRuns: 5_000 },
  );
});
