import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { scenarioOf, watch, type Offer } from "./testing/fake-platform.ts";

const at = "2024-03-05T10:10";
const until = "2024-03-05T10:40";
const quiet = { rate: 2, arrivals: { dispersion: 1, robots: 0 }, population: { listShare: 0 } };
const day = (event: object, keys: object = {}, answer?: (offer: Offer) => "accepted" | "deferred") =>
  watch(scenarioOf({ ...quiet, ...keys, events: [{ at, until, ...event }] }), answer === undefined ? {} : { answer });
const minuteOf = ({ atMs }: Offer) => new Date(atMs).getUTCMinutes();
const clients = (some: readonly Offer[]) => new Set(some.map(({ session }) => session.client.ip)).size;
const isDown = ({ atMs }: Offer) => atMs >= Date.parse(`${at}Z`) && atMs < Date.parse(`${until}Z`);
const attackers = (offers: readonly Offer[]) => offers.filter(({ session }) => session.who === "attacker");

test("a spoofing flood: sender is recipient, from many sources of which few send much", () => {
  const { offers } = day({ what: "flood", kind: "spoof", sources: 300, perSecond: 3 });
  const mail = attackers(offers);
  expect(Math.abs(mail.length / (2 * 3 * 1800) - 1)).toBeLessThan(0.05);
  expect(mail.every((one) => minuteOf(one) >= 10 && minuteOf(one) < 40)).toBe(true);
  expect(mail.every(({ session }) => session.hostile && session.sender.toLowerCase() === session.recipients[0])).toBe(
    true,
  );
  const sizes = new Map<string, number>();
  for (const { session } of mail) sizes.set(session.client.ip, (sizes.get(session.client.ip) ?? 0) + 1);
  const sorted = [...sizes.values()].sort((a, b) => b - a);
  expect(sorted.length).toBeGreaterThan(240);
  expect(sorted[0] ?? 0).toBeGreaterThan(mail.length / 60);
  expect(sorted.filter((count) => count <= 5).length).toBeGreaterThan(15);
  // Not all are there at once.
  const early = new Set(mail.filter((one) => minuteOf(one) < 14).map(({ session }) => session.client.ip));
  expect(early.size).toBeLessThan(0.62 * sorted.length);
});

test("a flood of listed addresses is refused where the scenario says", () => {
  const listed = { what: "flood", kind: "listed", sources: 50, perSecond: 1 };
  const postscreen = { platform: { postscreen: { enabled: true } } };
  const why = (offers: readonly Offer[]) => new Set(attackers(offers).map(({ session }) => session.refuse));
  expect(why(day({ ...listed, stoppedBy: "smtpd" }).offers)).toEqual(new Set(["listed"]));
  expect(why(day({ ...listed, stoppedBy: "postscreen" }, postscreen).offers)).toEqual(new Set(["postscreen"]));
  const plain = attackers(day({ ...listed, kind: "plain" }).offers);
  expect(plain.every(({ session }) => session.refuse === null && session.sender !== session.recipients[0])).toBe(true);
});

test("operators refuse a growing share of the addresses, and go on refusing them", () => {
  const flood = { what: "flood", at, until, kind: "spoof", sources: 200, perSecond: 3 };
  const block = { what: "block-by-hand", at: "2024-03-05T10:15", until: "2024-03-05T10:25", share: 0.7 };
  const mail = attackers(watch(scenarioOf({ ...quiet, events: [flood, block] })).offers);
  const refused = (minute: number) => {
    const then = mail.filter((one) => minuteOf(one) >= minute && minuteOf(one) < minute + 5);
    return clients(then.filter(({ session }) => session.refuse === "by-hand")) / clients(then);
  };
  expect(refused(10)).toBe(0);
  expect(refused(30)).toBeGreaterThan(0.6);
  expect(Math.abs(refused(35) - refused(30))).toBeLessThan(0.1);
});

test("backscatter: bounces of many honest servers to customers", () => {
  const { offers, world } = day({ what: "backscatter", sources: 200, perSecond: 2 });
  const bounces = offers.filter(({ session }) => session.sender === "" && session.saslUser === null);
  const during = bounces.filter((one) => minuteOf(one) >= 10 && minuteOf(one) < 40);
  expect(during.length).toBeGreaterThan(2 * 2 * 1800 * 0.95);
  expect(new Set(during.map(({ session }) => session.client.ip)).size).toBeGreaterThan(180);
  expect(during.every(({ session }) => world.hostedDomains.includes(session.recipients[0]?.split("@")[1] ?? ""))).toBe(
    true,
  );
  expect(during.some(({ session }) => session.refuse === "unknown-user")).toBe(true);
});

test("a list loop: one host, the same Message-ID to the same member again, a little longer", () => {
  const { offers } = day({ what: "list-loop", perSecond: 1, members: 60 });
  const loop = offers.filter(({ session }) => session.client.name.startsWith("lists.all-members"));
  const first = loop[0]?.session ?? expect.fail("no loop");
  const again = loop.filter(
    ({ session }) => session.messageId === first.messageId && session.recipients[0] === first.recipients[0],
  );
  expect(again.length).toBeGreaterThan(10);
  expect(again.at(-1)?.session.sizeBytes).toBeGreaterThan(first.sizeBytes);
  expect(new Set(loop.map(({ session }) => session.client.ip)).size).toBe(1);
  expect(new Set(loop.map(({ session }) => session.messageId)).size).toBeGreaterThan(1);
});

test("a surge is more of the usual", () => {
  const { offers } = day({ what: "surge", perSecond: 2 });
  const count = (from: number, to: number) =>
    offers.filter((one) => minuteOf(one) >= from && minuteOf(one) < to).length;
  expect(count(10, 40) / 30 / (count(40, 60) / 20)).toBeGreaterThan(2.6);
  expect(attackers(offers)).toHaveLength(0);
});

test("those who are put off come back: an outage of intake becomes a wave", () => {
  const scenario = scenarioOf({ ...quiet, rate: 3, to: "2024-03-05T12:00" });
  const { offers } = watch(scenario, { answer: (offer) => (isDown(offer) ? "deferred" : "accepted") });
  const within = (from: string, to: string) =>
    offers.filter(({ atMs }) => atMs >= Date.parse(`2024-03-05T${from}Z`) && atMs < Date.parse(`2024-03-05T${to}Z`));
  const usual = within("10:00", "10:10").length;
  expect(within("10:40", "10:50").length).toBeGreaterThan(1.5 * usual);
  // Most of what was put off has come back after an hour, and nothing that was accepted comes again.
  const put = new Set(within("10:10", "10:40").map(({ session }) => session));
  const back = new Set(
    within("10:40", "12:00")
      .map(({ session }) => session)
      .filter((session) => put.has(session)),
  );
  expect(back.size / put.size).toBeGreaterThan(0.7);
  const taken = offers.filter((offer) => !isDown(offer)).map(({ session }) => session);
  expect(new Set(taken).size).toBe(taken.length);
});

test("robots do not come back, but for a few", () => {
  const scenario = scenarioOf({ ...quiet, arrivals: { dispersion: 1, robots: 3 } });
  const { offers } = watch(scenario, { answer: () => "deferred" });
  const robots = offers.filter(({ session }) => session.who === "robot").map(({ session }) => session);
  const again = robots.length - new Set(robots).size;
  expect(again).toBeGreaterThan(0);
  expect(again / robots.length).toBeLessThan(0.08);
});

test("changes are written when they begin", () => {
  const change = { at: "2024-03-05T10:20", until: "2024-03-05T10:22", title: "Release", service: "db" };
  const { changes } = watch(scenarioOf({ ...quiet, changes: [change] }));
  expect(changes).toEqual([
    { startAt: "2024-03-05T10:20:00.000Z", title: "Release", endAt: "2024-03-05T10:22:00.000Z", service: "db" },
  ]);
});

test("dead hosts are dead and nobody else is", () => {
  const { world } = watch(scenarioOf({ ...quiet, to: "2024-03-05T10:01" }));
  const random = createRandom(2);
  const domain = world.deadAddress(random).split("@")[1] ?? "";
  expect(world.destination(domain).dead).toBe(true);
});
