import { expect, test } from "vitest";
import { createRandom } from "../random.ts";
import { scenarioOf } from "./testing/fake-platform.ts";
import { createWorld } from "./index.ts";

const instant = (time: string) => Date.parse(`2024-03-05T${time}Z`);
const span = { at: "2024-03-05T10:10", until: "2024-03-05T10:40" };
const dependencies = [{ id: "db", type: "postgres" }];
const world = (...events: object[]) =>
  createWorld(scenarioOf({ dependencies, events: events.map((event) => ({ ...span, ...event })) }), 1);

const trouble = { what: "dependency", id: "db", rampSeconds: 60, recoverSeconds: 120 };

test("a slow dependency gets slower, stays so, and gets better", () => {
  const { conditions } = world({ ...trouble, state: "slow", slowdown: 100 });
  const at = (time: string) => conditions.dependency("db", instant(time));
  expect(at("10:09:59")).toEqual({ state: "ok", slowdown: 1 });
  expect(at("10:10:30")).toEqual({ state: "slow", slowdown: 10 });
  expect(at("10:20:00")).toEqual({ state: "slow", slowdown: 100 });
  expect(at("10:39:00").slowdown).toBeCloseTo(10);
  expect(at("10:40:00").state).toBe("ok");
  expect(conditions.dependency("another", instant("10:20"))).toEqual({ state: "ok", slowdown: 1 });
});

test.each([
  ["hung", "slow", Infinity],
  ["saturated", "slow", 100],
  ["refusing", "refusing", 1],
] as const)("%s begins as %s", (state, first, slowdown) => {
  const { conditions } = world({ ...trouble, state, slowdown: 100 });
  expect(conditions.dependency("db", instant("10:10:30")).state).toBe(first);
  expect(conditions.dependency("db", instant("10:20"))).toEqual({ state, slowdown });
});

test("a schema lock is slow at first and hangs later", () => {
  const { conditions } = world({ ...trouble, state: "schema-lock", slowdown: 100, hungAfterSeconds: 300 });
  expect(conditions.dependency("db", instant("10:14:59"))).toEqual({ state: "schema-lock", slowdown: 100 });
  expect(conditions.dependency("db", instant("10:15:00"))).toEqual({ state: "schema-lock", slowdown: Infinity });
});

test("capacity: of a stage, of some nodes, in a span", () => {
  const { conditions } = world({ what: "capacity", stage: "filter", factor: 0.3, nodes: ["mx1"] });
  expect(conditions.capacity("filter", "mx1", instant("10:20"))).toBe(0.3);
  expect(conditions.capacity("filter", "mx2", instant("10:20"))).toBe(1);
  expect(conditions.capacity("delivery", "mx1", instant("10:20"))).toBe(1);
  expect(conditions.capacity("filter", "mx1", instant("10:40"))).toBe(1);
});

/** How the attempts to many domains end: by operator. */
function attempts(event: object, node = "mx1", time = "10:20") {
  const { conditions, destination } = world(event);
  const random = createRandom(7);
  return Array.from({ length: 3000 }, (_, index) => destination(`some-${index}.example`)).map((one) => ({
    operator: one.operator ?? -1,
    fault: conditions.attempt(node, one, instant(time), random),
  }));
}

test("a fault of the biggest operators is theirs", () => {
  const seen = attempts({ what: "destinations", operators: 3, fault: "throttle", share: 0.5 });
  const big = seen.filter(({ operator }) => operator < 3);
  const hit = big.filter(({ fault }) => fault !== null);
  expect(hit.every(({ fault }) => fault?.fault === "throttle" && !fault.ours)).toBe(true);
  expect(Math.abs(hit.length / big.length - 0.5)).toBeLessThan(0.1);
  expect(seen.every(({ operator, fault }) => operator < 3 || fault === null)).toBe(true);
});

test("a fault of our network is ours, and always hits the same operators", () => {
  const event = { what: "network", direction: "out", fault: "tls", operatorShare: 0.3, nodes: ["mx1"] };
  const seen = attempts(event);
  const hit = new Set(seen.filter(({ fault }) => fault?.ours === true).map(({ operator }) => operator));
  const spared = new Set(seen.filter(({ fault }) => fault === null).map(({ operator }) => operator));
  expect([...hit].every((one) => !spared.has(one))).toBe(true);
  expect(Math.abs(hit.size / (hit.size + spared.size) - 0.3)).toBeLessThan(0.12);
  expect(attempts(event, "mx2").every(({ fault }) => fault === null)).toBe(true);
  expect(attempts(event, "mx1", "10:50").every(({ fault }) => fault === null)).toBe(true);
});

test("inbound connections time out when the network fails inwards", () => {
  const inwards = world({ what: "network", direction: "both", share: 0.8, nodes: ["mx1"] }).conditions;
  expect(inwards.inboundTimeoutShare("mx1", instant("10:20"))).toBeCloseTo(0.8);
  expect(inwards.inboundTimeoutShare("mx2", instant("10:20"))).toBe(0);
  const outwards = world({ what: "network", direction: "out" }).conditions;
  expect(outwards.inboundTimeoutShare("mx1", instant("10:20"))).toBe(0);
});

test("slow connections, lost lines, a clock that is off, a log that nobody reads", () => {
  const { conditions } = world(
    { what: "slow-connections", seconds: 12 },
    { what: "log-loss", share: 0.25, nodes: ["mx2"] },
    { what: "clock-step", seconds: -120, nodes: ["mx1"] },
    { what: "collector-gap" },
  );
  const atMs = instant("10:20");
  expect(conditions.connectionDelayMs(atMs)).toBe(12_000);
  expect(conditions.logLossShare("mx2", atMs)).toBe(0.25);
  expect(conditions.logLossShare("mx1", atMs)).toBe(0);
  expect(conditions.clockOffsetMs("mx1", atMs)).toBe(-120_000);
  expect(conditions.readableAtMs("mx1", atMs)).toBe(instant("10:40"));
  expect(conditions.readableAtMs("mx1", instant("10:45"))).toBe(instant("10:45"));
});

test("the next change is the next breakpoint, and soon while something slides", () => {
  const { conditions } = world({ ...trouble, state: "slow" });
  expect(conditions.nextChangeMs(instant("10:00"))).toBe(instant("10:10"));
  expect(conditions.nextChangeMs(instant("10:10:30"))).toBe(instant("10:10:31"));
  expect(conditions.nextChangeMs(instant("10:20"))).toBe(instant("10:38"));
  expect(conditions.nextChangeMs(instant("10:50"))).toBe(Infinity);
  // Questions out of order are answered as well.
  expect(conditions.nextChangeMs(instant("10:00"))).toBe(instant("10:10"));
});
