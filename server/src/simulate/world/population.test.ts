import { beforeAll, expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { domainOf } from "./customers.ts";
import { scenarioOf, watch, type Offer, type WatchedDay } from "./testing/fake-platform.ts";

const population = { selfMailShare: 0.02, listShare: 0.1, strangerShare: 0.05, hostileShare: 0.01 };
let day: WatchedDay;
let innocent: Offer[];
const share = (which: (offer: Offer) => boolean) => innocent.filter(which).length / innocent.length;
const isIn = ({ session }: Offer) => session.saslUser === null;
const isSelf = ({ session }: Offer) => session.sender !== "" && session.recipients.includes(session.sender);

beforeAll(() => {
  day = watch(scenarioOf({ to: "2024-03-05T12:00", rate: 5, population, arrivals: { dispersion: 1 } }));
  innocent = day.offers.filter(({ session }) => session.who === "innocent" && session.refuse === null);
});

test("shares are those of the scenario", () => {
  expect(share(isIn)).toBeCloseTo(0.65, 1);
  expect(Math.abs(share(isSelf) - 0.02 * 0.9)).toBeLessThan(0.004);
  expect(Math.abs(share(({ session }) => session.sender.includes("-bounces+")) - 0.1)).toBeLessThan(0.012);
  expect(share(({ session }) => session.hostile)).toBeGreaterThan(0.003);
  expect(share(({ session }) => session.sender === "")).toBeGreaterThan(0.004);
  expect(share(({ session }) => session.sender.startsWith("prvs="))).toBeGreaterThan(0.001);
  expect(share(({ session }) => session.sender.startsWith("SRS0="))).toBeGreaterThan(0.001);
});

test("nobody can be somebody: names in .example, addresses that are nobody's", () => {
  const sessions = day.offers.map(({ session }) => session);
  const addresses = sessions.flatMap(({ sender, recipients }) => [sender, ...recipients]).filter((one) => one !== "");
  const odd = [
    ...addresses.filter((one) => !/^[a-z0-9.-]+\.example$/.test(domainOf(one))),
    ...sessions.map(({ client }) => client.ip).filter((ip) => !/^2(4\d|5[0-5])(\.\d{1,3}){3}$/.test(ip)),
    ...sessions.map(({ client }) => client.name).filter((name) => !/^(unknown|[a-z0-9.-]+\.example)$/.test(name)),
  ];
  expect(odd).toEqual([]);
});

test("few clients send much, many little, and some stand for many senders", () => {
  const senders = new Map<string, { count: number; domains: Set<string> }>();
  for (const { session } of innocent.filter(isIn)) {
    const one = senders.get(session.client.ip) ?? { count: 0, domains: new Set<string>() };
    one.count++;
    one.domains.add(domainOf(session.sender));
    senders.set(session.client.ip, one);
  }
  const sizes = [...senders.values()].sort((a, b) => b.count - a.count);
  const total = sizes.reduce((sum, { count }) => sum + count, 0);
  const top = sizes.slice(0, Math.ceil(sizes.length / 100)).reduce((sum, { count }) => sum + count, 0);
  expect(top / total).toBeGreaterThan(0.15);
  expect(sizes.filter(({ count }) => count === 1).length / sizes.length).toBeGreaterThan(0.4);
  expect(sizes.some(({ domains }) => domains.size > 10)).toBe(true);
});

test("a post to a list reaches many of our people under one Message-ID, each copy with its own return path", () => {
  const posts = new Map<string, Offer[]>();
  for (const offer of innocent.filter(({ session }) => session.sender.startsWith("talk-"))) {
    posts.set(offer.session.messageId, [...(posts.get(offer.session.messageId) ?? []), offer]);
  }
  const longest = [...posts.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  expect(longest.length).toBeGreaterThan(15);
  expect(new Set(longest.map(({ session }) => session.client.ip)).size).toBe(1);
  expect(new Set(longest.map(({ atMs }) => atMs)).size).toBe(longest.length);
  const { session } = longest[0] ?? expect.fail("no post");
  expect(session.sender).toContain(`+${session.recipients[0]?.replace("@", "=")}@`);
});

test("those who write to themselves are mostly known, and some are new", () => {
  const devices = innocent.filter((offer) => isIn(offer) && isSelf(offer)).map(({ session }) => session.client.ip);
  const once = devices.filter((ip) => devices.indexOf(ip) === devices.lastIndexOf(ip));
  expect(devices.length).toBeGreaterThan(200);
  expect(once.length).toBeGreaterThan(0.02 * devices.length);
  expect(once.length).toBeLessThan(0.2 * devices.length);
});

test("a few operators take the mail of most domains; dead hosts and customers' own stand apart", () => {
  const { world } = day;
  const domains = new Set(
    innocent.filter((offer) => !isIn(offer)).flatMap(({ session }) => session.recipients.map(domainOf)),
  );
  const operators = [...domains].map((domain) => world.destination(domain).operator);
  const outside = operators.filter((operator) => operator !== null);
  expect(outside.filter((operator) => operator < 6).length / outside.length).toBeGreaterThan(0.3);
  expect(new Set(outside).size).toBeGreaterThan(80);
  const dead = world.destination(domainOf(world.deadAddress(createRandom(1))));
  expect(dead).toMatchObject({ dead: true });
  expect(world.destination(world.hostedDomains[0] ?? "")).toMatchObject({ operator: null, dead: false });
  expect(world.destination("made-up-by-an-attacker.example").operator).toBeLessThan(120);
});

test("the same seed gives the same day, another seed another; an event leaves the innocent as they were", () => {
  const keys = { to: "2024-03-05T10:20", rate: 3, arrivals: { dispersion: 3 } };
  const plain = watch(scenarioOf(keys), { seed: 3 });
  expect(text(watch(scenarioOf(keys), { seed: 3 }).offers)).toBe(text(plain.offers));
  expect(text(watch(scenarioOf(keys), { seed: 4 }).offers)).not.toBe(text(plain.offers));
  const flood = {
    what: "flood",
    at: "2024-03-05T10:05",
    until: "2024-03-05T10:10",
    kind: "spoof",
    sources: 50,
    perSecond: 2,
  };
  const attacked = watch(scenarioOf({ ...keys, events: [flood] }), { seed: 3 });
  expect(attacked.offers.length).toBeGreaterThan(plain.offers.length + 1000);
  expect(text(attacked.offers)).toBe(text(plain.offers));
});

const text = (offers: readonly Offer[]) =>
  JSON.stringify(
    offers
      .filter(({ session }) => session.who === "innocent")
      .map(({ atMs, session }) => [atMs, session.sender, session.recipients]),
  );
