import { nodeId } from "@mailtide/shared";
import { expect, test } from "vitest";
import { epochMs, mx } from "../../../test/model/lines.ts";
import type { MailEvent } from "../event.ts";
import { OwnRefusals } from "./own-refusals.ts";
import { Sources } from "./sources.ts";

const other = nodeId("mx2");
const milterGone: MailEvent = {
  event: "reject",
  action: "milter-reject",
  stage: "MAIL",
  code: 451,
  dsn: "4.7.1",
  reason: "Service unavailable - try again later",
  clientIp: "192.0.2.7",
  reject: true,
};
const lookupFailed: MailEvent = {
  ...milterGone,
  action: "reject",
  reason: "<a@own.test>: Recipient address rejected: Temporary lookup failure",
};
const greylisted: MailEvent = {
  ...milterGone,
  action: "reject",
  reason: "<a@own.test>: Recipient address rejected: Greylisted",
};
const taken: MailEvent = { event: "client", process: "postfix/smtpd", queueId: "Q", clientIp: "192.0.2.7" };

function heard(...said: readonly (readonly [MailEvent, times: number, node?: typeof mx])[]): Sources {
  const sources = new Sources();
  sources.advance(epochMs);
  for (const [event, times, node = mx] of said)
    for (let at = 0; at < times; at++) sources.apply({ kind: "log", node, atMs: epochMs + 100 * at, event });
  return sources;
}
const lately = (sources: Sources, seconds = 30) => sources.section(epochMs + seconds * 1_000).whole().refusedByUs;

test("what is refused for a fault of ours is a share of what was offered; what we refuse on purpose is none", () => {
  expect(lately(heard([greylisted, 50], [{ ...milterGone, code: 550 }, 50], [taken, 50]))).toBeUndefined();
  expect(lately(heard([milterGone, 30], [greylisted, 50], [taken, 10]))).toEqual({
    count: 30,
    share: 0.75,
    fault: "filter",
    node: mx,
  });
});

test("the fault of most is told, and the host where nearly all were", () => {
  const mixed = heard([lookupFailed, 60], [milterGone, 20, other]);
  expect(lately(mixed)).toMatchObject({ count: 80, fault: "lookup", node: null });
  expect(lately(heard([lookupFailed, 95], [lookupFailed, 5, other]))).toMatchObject({ node: mx });
});

test("a minute later it is over, also where it was saved in between", () => {
  const sources = heard([milterGone, 30]);
  const again = new Sources();
  expect(again.restore({ format: sources.format, text: sources.save() })).toBe(true);
  expect(lately(again)).toMatchObject({ count: 30 });
  expect(lately(again, 64)).toBeUndefined();
});

test("what an older program saved has none", () => {
  const refusals = new OwnRefusals();
  refusals.restore(undefined);
  expect(refusals.lately(epochMs)).toBeNull();
});

test("a filter that Exim or Haraka cannot ask is a fault of ours, and so is a disk without room, where nobody says to whom", () => {
  const putOff = { event: "reject", reject: true, clientIp: "192.0.2.7" } as const;
  const scanner: MailEvent = {
    ...putOff,
    action: "temporarily rejected",
    reason: "malware acl condition: clamd: unable to connect",
    stage: "DATA",
  };
  const plugin: MailEvent = { ...putOff, action: "rcpt slow temporarily", reason: "plugin timeout", stage: "RCPT" };
  const noRoom: MailEvent = {
    event: "reject",
    reject: true,
    action: "temporarily rejected",
    stage: "MAIL",
    reason: "spool directory space check failed: space=100 inodes=3",
  };
  expect(lately(heard([scanner, 20], [plugin, 10]))).toMatchObject({ count: 30, fault: "filter" });
  expect(lately(heard([noRoom, 30]))).toMatchObject({ count: 30, share: 1, fault: "resources" });
});
