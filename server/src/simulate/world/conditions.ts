import type { EpochMs } from "@mailtide/shared";
import type { Conditions, Destination } from "../engine/world.ts";
import { conditionOf, isMoving, turningPoints } from "./dependency-state.ts";
import { asShare, hashText } from "./hash.ts";
import { eventsOf, type EventOf, type Timed } from "./timeline.ts";

/** What is going on between two breakpoints. */
interface Stretch {
  readonly fromMs: EpochMs;
  readonly untilMs: EpochMs;
  readonly dependencies: ReadonlyMap<string, EventOf<"dependency">>;
  readonly capacity: readonly EventOf<"capacity">[];
  readonly destinations: readonly EventOf<"destinations">[];
  readonly network: readonly EventOf<"network">[];
  readonly connectionDelayMs: number;
  readonly losses: readonly EventOf<"log-loss">[];
  readonly clocks: readonly EventOf<"clock-step">[];
  readonly gaps: readonly EventOf<"collector-gap">[];
}

/** Slopes are looked at anew so often. */
const stepMs = 1000;
const goldenSection = (Math.sqrt(5) - 1) / 2;
const fine = { state: "ok", slowdown: 1 } as const;

/** The scenario's events as what they do at an instant. Asked for every message, so the stretch of the last question is kept. */
export function createConditions(events: readonly Timed[], seed: number): Conditions {
  const stretches = stretchesOf(events);
  let current = stretches[0] ?? stretchOf(events, -Infinity, Infinity);
  const at = (atMs: EpochMs): Stretch => {
    if (atMs < current.fromMs || atMs >= current.untilMs) current = find(stretches, atMs) ?? current;
    return current;
  };

  return {
    dependency(id, atMs) {
      const event = at(atMs).dependencies.get(id);
      return event === undefined ? fine : conditionOf(event, atMs);
    },
    capacity(stage, node, atMs) {
      let factor = 1;
      for (const event of at(atMs).capacity) if (event.stage === stage && concerns(event, node)) factor *= event.factor;
      return factor;
    },
    attempt(node, destination, atMs, random) {
      const { network, destinations } = at(atMs);
      for (const event of network) {
        if (event.direction === "in" || !concerns(event, node)) continue;
        if (!isAmong(destination, event, seed)) continue;
        if (event.share >= 1 || random.unit() < event.share) return { fault: event.fault, ours: true };
      }
      const { operator } = destination;
      if (operator === null) return null;
      for (const { operators, share, fault } of destinations) {
        if (operator < operators && (share >= 1 || random.unit() < share)) return { fault, ours: false };
      }
      return null;
    },
    inboundTimeoutShare(node, atMs) {
      let through = 1;
      for (const event of at(atMs).network) {
        if (event.direction === "out" || !concerns(event, node)) continue;
        // A fault of TLS or of names does not keep a connection from being made.
        if (event.fault === "timeout" || event.fault === "refuse") through *= 1 - event.share * event.operatorShare;
      }
      return 1 - through;
    },
    connectionDelayMs: (atMs) => at(atMs).connectionDelayMs,
    logLossShare(node, atMs) {
      let kept = 1;
      for (const event of at(atMs).losses) if (concerns(event, node)) kept *= 1 - event.share;
      return 1 - kept;
    },
    clockOffsetMs(node, atMs) {
      let offsetMs = 0;
      for (const event of at(atMs).clocks) if (concerns(event, node)) offsetMs += event.seconds * 1000;
      return offsetMs;
    },
    readableAtMs(node, atMs) {
      let readableMs = atMs;
      for (const event of at(atMs).gaps) if (concerns(event, node)) readableMs = Math.max(readableMs, event.untilMs);
      return readableMs;
    },
    nextChangeMs(atMs) {
      const { untilMs, dependencies } = at(atMs);
      for (const event of dependencies.values()) if (isMoving(event, atMs)) return Math.min(untilMs, atMs + stepMs);
      return untilMs;
    },
  };
}

const concerns = (event: { readonly nodes?: readonly string[] | undefined }, node: string): boolean =>
  event.nodes === undefined || event.nodes.includes(node);

/** Always the same operators, big and small ones alike: a broken route does not choose anew for each mail. */
function isAmong({ operator, ip }: Destination, event: EventOf<"network">, seed: number): boolean {
  if (event.operatorShare >= 1) return true;
  if (operator === null) return asShare(hashText(`${ip} ${event.at}`, seed)) < event.operatorShare;
  // Steps of the golden section fill the circle evenly from the first few on.
  return (operator * goldenSection + asShare(hashText(event.at, seed))) % 1 < event.operatorShare;
}

function stretchesOf(events: readonly Timed[]): readonly Stretch[] {
  const points = new Set<EpochMs>([-Infinity]);
  for (const event of events) {
    points.add(event.fromMs).add(event.untilMs);
    if (event.what === "dependency") for (const point of turningPoints(event)) points.add(point);
  }
  const sorted = [...points].sort((a, b) => a - b);
  return sorted.map((fromMs, index) => stretchOf(events, fromMs, sorted[index + 1] ?? Infinity));
}

function stretchOf(events: readonly Timed[], fromMs: EpochMs, untilMs: EpochMs): Stretch {
  const active = events.filter((event) => event.fromMs <= fromMs && event.untilMs > fromMs);
  return {
    fromMs,
    untilMs,
    dependencies: new Map(eventsOf(active, "dependency").map((event) => [event.id, event])),
    capacity: eventsOf(active, "capacity"),
    destinations: eventsOf(active, "destinations"),
    network: eventsOf(active, "network"),
    connectionDelayMs: eventsOf(active, "slow-connections").reduce((sum, { seconds }) => sum + seconds * 1000, 0),
    losses: eventsOf(active, "log-loss"),
    clocks: eventsOf(active, "clock-step"),
    gaps: eventsOf(active, "collector-gap"),
  };
}

function find(stretches: readonly Stretch[], atMs: EpochMs): Stretch | undefined {
  let low = 0;
  let high = stretches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stretches[middle]?.fromMs ?? Infinity) <= atMs) low = middle;
    else high = middle - 1;
  }
  return stretches[low];
}
