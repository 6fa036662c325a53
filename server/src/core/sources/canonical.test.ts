import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalAddress, senderIsRecipient } from "./canonical.ts";

const mailbox = "bob@example.com";

test.each([
  ["bob@example.com"],
  ["BOB@Example.COM"],
  ["bob+tag@example.com"],
  ["prvs=0123456789=bob@example.com"],
  ["prvs=bob=0123abcdef@example.com"],
  ["SRS0=HHHH=TT=example.com=bob@forwarder.example"],
  ["SRS0+HHHH=TT=example.com=bob+tag@forwarder.example"],
  ["SRS1=GGGG=forwarder.example==HHHH=TT=example.com=bob@next.example"],
])("%s stands for the mailbox", (address) => {
  expect(canonicalAddress(address, "+")).toBe(mailbox);
});

test.each([[""], ["bob"], ["@example.com"], ["bob@"], [`${"a".repeat(2_000)}@example.com`]])(
  "%s is none",
  (address) => {
    expect(canonicalAddress(address, "+")).toBeNull();
  },
);

test.each([
  ["bob@example.com", mailbox, true],
  ["bob+x@EXAMPLE.com", "Bob+y@example.com", true],
  ["SRS0=H=T=example.com=bob@fwd.example", mailbox, true],
  ["prvs=9876543210=bob@example.com", mailbox, true],
  ["bob-bob=example.com@example.com", mailbox, true],
  ["alice@example.com", mailbox, false],
  ["bob@example.org", mailbox, false],
  ["", mailbox, false],
  ["list-bob=example.com@lists.example", mailbox, false],
  ["news+bob=example.com@example.com", mailbox, false],
  ["news-bob=example.com@example.com", mailbox, false],
  ["prvs=bob@example.com", mailbox, false],
])("%s to %s: %s", (sender, recipient, same) => {
  expect(senderIsRecipient(sender, recipient, "+")).toBe(same);
});

test("the delimiter is the site's", () => {
  expect(senderIsRecipient("bob-x@example.com", mailbox, "+")).toBe(false);
  expect(senderIsRecipient("bob-x@example.com", mailbox, "+-")).toBe(true);
});

test("any text, in any place, is an answer; an address is always its own recipient", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(senderIsRecipient(a, b, "+")).toBe(senderIsRecipient(a.toUpperCase().toLowerCase(), b, "+"));
    }),
  );
  fc.assert(fc.property(fc.emailAddress(), (address) => senderIsRecipient(address, address, "+")));
});

test("a hostile address costs no more than its length", () => {
  for (const piece of ["=", "srs0=", "srs1=a=", "prvs=", "-b=c", "+"])
    for (const start of ["srs0=", "srs1=", "prvs="])
      for (let times = 0; times < 1_000; times += 1)
        expect(senderIsRecipient(`${start}${piece.repeat(160)}@x.example`, mailbox, "+")).toBe(false);
});
