import { nodeId, siteId } from "@mailtide/shared";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { processorSeconds } from "../../../test/processor-time.ts";
import type { MailEvent, MailEventKind } from "../event.ts";
import type { MessageFact } from "../message-fact.ts";
import type { LogObservation } from "../observation.ts";
import { Sources, type SourcesOptions } from "./sources.ts";

const node = nodeId("mx1");
/** 2016-05-11T09:40:00Z. */
const t0 = 1_462_959_600_000;
const hour = 3_600_000;

const seen = (event: MailEventKind, clientIp: string, atMs = t0, more: Partial<MailEvent> = {}): LogObservation => ({
  kind: "log",
  node,
  atMs,
  event: { event, clientIp, ...more },
});
const fact = (clientIp: string, sender: string, atMs = t0, more: Partial<MessageFact> = {}): MessageFact => ({
  node,
  atMs,
  clientIp,
  authenticated: false,
  direction: "in",
  sender,
  recipient: "bob@example.com",
  hosted: true,
  ownBounce: false,
  ...more,
});

test("rates are over the last minute, counts over five", () => {
  const sources = new Sources();
  for (let at = 0; at < 120; at += 1) sources.apply(seen("client", "192.0.2.1", t0 + at * 1000));
  sources.apply(seen("connect", "192.0.2.2", t0 + 119_000));
  sources.apply(seen("reject", "::ffff:192.0.2.2", t0 + 119_000, { repeated: 6 }));
  const section = sources.section(t0 + 120_000);
  expect(section.messagesPerSecond).toBeCloseTo(1);
  expect(section.rejectsPerSecond).toBeCloseTo(0.1);
  expect(section).toMatchObject({ distinctSources: 2, distinctExact: true, newSources: 2, spoofShare: null });
  expect(section.top).toMatchObject([
    { ip: "192.0.2.1", network: "192.0.2.0/24", messages: 120, rejects: 0, firstSeenMs: t0 },
    { ip: "192.0.2.2", connections: 1, rejects: 6 },
  ]);
  expect(sources.section(t0 + 500_000)).toMatchObject({ distinctSources: 0, top: [], messagesPerSecond: 0 });
});

test("this host and configured hops count, and are never named or refused", () => {
  const sources = new Sources({
    ownHops: ["203.0.113.0/24", "2001:db8:9::1", "192.0.2.1:10025", "filter.example", "transport:lmtp"],
  });
  const named = new Map<string, boolean>();
  sources.onFact = (_what, { ip, isOurs }) => named.set(ip, !isOurs);
  const ours = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "203.0.113.9", "2001:db8:9::1"];
  for (const ip of [...ours, "192.0.2.1", "2001:db8:9::2"]) {
    sources.apply(seen("client", ip));
    for (let times = 0; times < 3; times += 1) sources.noteMessage(fact(ip, "bob@example.com"));
  }
  const section = sources.section(t0 + 1_000);
  expect(section.messagesPerSecond * 60).toBeCloseTo(8);
  expect(section.distinctSources).toBe(7);
  expect(section.top.map(({ ip }) => ip)).toEqual(["192.0.2.1", "2001:db8:9::2"]);
  expect(named.size).toBe(7);
  expect([...named].filter(([, isNamed]) => isNamed).map(([ip]) => ip)).toEqual(["192.0.2.1", "2001:db8:9::2"]);
  expect(sources.blocklist(t0)).toEqual(["192.0.2.1/32", "2001:db8:9::/64"]);
});

test("spoof share: forged mail of unknown sources among the unauthenticated mail to us", () => {
  const sources = new Sources();
  sources.noteMessage(fact("192.0.2.1", "alice@example.org", t0 - 3 * hour));
  sources.noteMessage(fact("192.0.2.1", "bob@example.com"));
  sources.noteMessage(fact("198.51.100.1", "bob+x@Example.com"));
  sources.noteMessage(fact("198.51.100.2", "carol@example.org"));
  sources.noteMessage(fact("198.51.100.2", "carol@example.org"));
  sources.noteMessage(fact("198.51.100.3", "bob@example.com", t0, { authenticated: true }));
  sources.noteMessage(fact("198.51.100.4", "bob@example.com", t0, { hosted: false }));
  sources.noteMessage(fact("198.51.100.5", "bob@example.com", t0, { ownBounce: true }));
  const section = sources.section(t0);
  expect(section.spoofShare, "one of four").toBe(0.25);
  expect(section.spoofingSources).toBe(1);
  expect(sources.hostile(5)).toMatchObject([{ ip: "198.51.100.1", spoofed: 1, firstSeenMs: t0 }]);
});

test("one clean mail buys nothing at once, and nothing at all once it has forged", () => {
  const sources = new Sources();
  sources.noteMessage(fact("198.51.100.1", "alice@example.org", t0));
  sources.noteMessage(fact("198.51.100.1", "bob@example.com", t0 + 60_000));
  sources.noteMessage(fact("198.51.100.1", "alice@example.org", t0 + 61_000));
  sources.noteMessage(fact("198.51.100.1", "bob@example.com", t0 + 2 * hour));
  expect(sources.hostile(1)).toMatchObject([{ spoofed: 2 }]);
});

test("a source is new until its clean mail is an hour old, and again after thirty days of silence", () => {
  const sources = new Sources();
  const newAt = (atMs: number): number => {
    sources.advance(atMs);
    sources.apply(seen("client", "192.0.2.1", atMs));
    sources.noteMessage(fact("192.0.2.1", "alice@example.org", atMs));
    return sources.section(atMs).newSources;
  };
  expect(newAt(t0)).toBe(1);
  expect(newAt(t0 + 2 * hour)).toBe(0);
  expect(newAt(t0 + 20 * 24 * hour)).toBe(0);
  expect(newAt(t0 + 60 * 24 * hour)).toBe(1);
});

test("usual is unknown for a day, and an attack does not become usual", () => {
  const sources = new Sources();
  let last = sources.section(t0);
  const live = (fromMs: number, hours: number, each: number): void => {
    for (let minute = 0; minute < hours * 60; minute += 1) {
      const atMs = fromMs + minute * 60_000;
      for (let at = 0; at < each; at += 1) sources.apply(seen("client", `10.0.${at >> 8}.${at & 255}`, atMs));
      last = sources.section(atMs);
    }
  };
  live(t0, 23, 4);
  expect(last.usualSources).toBeNull();
  live(t0 + 23 * hour, 30, 4);
  expect(last.usualSources).toBeCloseTo(4, 0);
  live(t0 + 7 * 24 * hour, 2, 400);
  live(t0 + 14 * 24 * hour, 1, 4);
  expect(last.usualSources).toBeGreaterThan(3);
  expect(last.usualSources).toBeLessThan(6);
});

test("points: the heaviest of a minute once, and nobody where all are equal", () => {
  const sources = new Sources();
  const site = siteId("main");
  for (let at = 0; at < 60; at += 1) sources.apply(seen("client", "192.0.2.1", t0 + at * 1000));
  expect(sources.points(t0 + 59_000, site)).toHaveLength(1);
  const [own, top, ...rest] = sources.points(t0 + 60_000, site);
  expect(own).toMatchObject({ measurement: "mail_sources", fields: { distinct: 1, fresh: 1, spoofing: 0 } });
  expect(top).toMatchObject({
    measurement: "mail_top_source",
    tags: { rank: "1", ip: "192.0.2.1" },
    atMs: t0 + 59_000,
    fields: { messages: 60, connections: 0, rejects: 0 },
  });
  expect(rest).toEqual([]);
  for (let at = 0; at < 1_000; at += 1) sources.apply(seen("client", `10.0.${at >> 8}.${at & 255}`, t0 + 60_000));
  expect(sources.points(t0 + 120_000, site)).toHaveLength(1);
});

const step = fc.record({
  afterMs: fc.integer({ min: -20_000, max: 40_000 }),
  ip: fc.integer({ min: 1, max: 12 }),
  what: fc.constantFrom("connect", "client", "reject", "auth-failure", "forged", "clean", "advance"),
});

const small: SourcesOptions = { mostHeavy: 4, mostDistinct: 8, mostHostile: 5, mostRemembered: 6 };
function take(sources: Sources, { ip, what }: { ip: number; what: string }, atMs: number): void {
  const client = `192.0.2.${ip}`;
  if (what === "advance") sources.points(atMs, siteId("main"));
  else if (what === "forged") sources.noteMessage(fact(client, "bob@example.com", atMs));
  else if (what === "clean") sources.noteMessage(fact(client, "alice@example.org", atMs));
  else sources.apply(seen(what as MailEventKind, client, atMs));
}

test("saved and restored at any point, the same observations give the same answers", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.nat(120), (steps, cut) => {
      let first = new Sources(small);
      const straight = new Sources(small);
      let atMs = t0;
      for (const [at, each] of steps.entries()) {
        if (at === cut) {
          const text = first.save();
          first = new Sources(small);
          expect(first.restore({ format: 2, text })).toBe(true);
        }
        atMs += each.afterMs;
        take(first, each, atMs);
        take(straight, each, atMs);
      }
      expect(first.section(atMs)).toEqual(straight.section(atMs));
      expect(first.save()).toBe(straight.save());
    }),
    { numRuns: 200 },
  );
});

test("a format of another version is refused", () => {
  expect(new Sources().restore({ format: 99, text: "{}" })).toBe(false);
});

test(
  "a million sources stay within the bounds, what is lost is counted, and a heavy one still stands out",
  { timeout: 600_000 },
  () => {
    const sources = new Sources();
    const took = processorSeconds(() => {
      for (let at = 0; at < 1_000_000; at += 1) {
        const ip = `${1 + (at >> 20)}.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
        sources.apply(seen("reject", ip, t0 + Math.floor(at / 10)));
        if (at % 100 === 0) sources.apply(seen("client", "203.0.113.9", t0 + Math.floor(at / 10)));
      }
    });
    expect(took).toBeLessThan(30);
    const section = sources.section(t0 + 100_000);
    expect(section).toMatchObject({ distinctSources: 200_000, distinctExact: false });
    expect(section.top[0]).toMatchObject({ ip: "203.0.113.9", messages: 10_000 });
    expect(sources.hostile(100_000)).toHaveLength(50_000);
    expect(sources.counters.hostileEvicted).toBe(950_000);
    expect(sources.save().length).toBeLessThan(30e6);
  },
);

test("after a clock was set back an attack is seen as soon as ever, and who is known stays known", () => {
  const sources = new Sources();
  const known = "192.0.2.1";
  sources.advance(t0);
  sources.noteMessage(fact(known, "amy@far.test"));
  for (let second = 0; second < 2 * 3_600; second += 60) sources.advance(t0 + second * 1_000);
  sources.apply(seen("client", known, t0 + 2 * hour));
  // An hour earlier all at once, and then a hundred sources that nobody has seen before.
  for (let second = 0; second < 100; second += 1) {
    const atMs = t0 + hour + 60_000 + second * 1_000;
    sources.advance(atMs);
    sources.apply(seen("client", `198.51.100.${second}`, atMs));
    sources.apply(seen("client", known, atMs));
  }
  const { messagesPerSecond, distinctSources, newSources } = sources.section(t0 + hour + 160_000);
  expect([Math.round(messagesPerSecond), distinctSources, newSources]).toEqual([2, 101, 100]);
});
