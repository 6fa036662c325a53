import type { EpochMs } from "@mailtide/shared";
import type { Conditions, DependencyCondition } from "../engine/world.ts";
import type { Calendar } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/schema.ts";
import { type EventOf, eventsOf, isOn, lot, type Timed } from "./timeline.ts";

/** What goes wrong when, from the scenario's events: each question looks only at the events that can answer it. */
export function createConditions(scenario: Scenario, calendar: Calendar): Conditions {
  const of = <What extends Parameters<typeof eventsOf>[2]>(what: What) => eventsOf(scenario, calendar, what);
  const dependencies = of("dependency");
  const capacities = of("capacity");
  const destinations = of("destinations");
  const networks = of("network");
  const slow = of("slow-connections");
  const losses = of("log-loss");
  const steps = of("clock-step");
  const gaps = of("collector-gap");
  const changes = boundaries(scenario, calendar);

  return {
    dependency(id, atMs) {
      let worst = fine;
      for (const event of dependencies) {
        if (event.id !== id || !isOn(event, atMs)) continue;
        const slowdown = slowdownOf(event, atMs);
        if (slowdown >= worst.slowdown) worst = { state: event.state, slowdown };
      }
      return worst;
    },
    capacity(stage, node, atMs) {
      let factor = 1;
      for (const event of capacities)
        if (event.stage === stage && isOn(event, atMs) && concerns(event, node)) factor *= event.factor;
      return factor;
    },
    attempt(node, destination, atMs, random) {
      const { operator } = destination;
      if (operator === null) return null;
      for (const event of networks) {
        if (event.direction === "in" || !isOn(event, atMs) || !concerns(event, node)) continue;
        if (lot(operator, networkSalt) < event.operatorShare && random.unit() < event.share)
          return { fault: event.fault, ours: true };
      }
      for (const event of destinations)
        if (operator < event.operators && isOn(event, atMs) && random.unit() < event.share)
          return { fault: event.fault, ours: false };
      return null;
    },
    inboundTimeoutShare(node, atMs) {
      let share = 0;
      for (const event of networks) {
        if (event.direction === "out" || !isOn(event, atMs) || !concerns(event, node)) continue;
        // A certificate or a resolver of ours does not keep anybody from connecting.
        if (event.fault === "timeout" || event.fault === "refuse") share = Math.max(share, event.share);
      }
      return share;
    },
    connectionDelayMs(atMs) {
      let seconds = 0;
      for (const event of slow) if (isOn(event, atMs)) seconds = Math.max(seconds, event.seconds);
      return seconds * 1000;
    },
    logLossShare(node, atMs) {
      let share = 0;
      for (const event of losses) if (isOn(event, atMs) && concerns(event, node)) share = Math.max(share, event.share);
      return share;
    },
    clockOffsetMs(node, atMs) {
      let seconds = 0;
      for (const event of steps) if (isOn(event, atMs) && concerns(event, node)) seconds += event.seconds;
      return seconds * 1000;
    },
    readableAtMs(node, atMs) {
      let readableMs = atMs;
      for (const event of gaps)
        if (isOn(event, atMs) && concerns(event, node)) readableMs = Math.max(readableMs, event.toMs);
      return readableMs;
    },
    nextChangeMs(atMs) {
      for (const change of changes) if (change > atMs) return change;
      return Infinity;
    },
  };
}

const fine: DependencyCondition = { state: "ok", slowdown: 1 };
const networkSalt = 7;

const concerns = (event: { readonly nodes?: readonly string[] | undefined }, node: string): boolean =>
  event.nodes === undefined || event.nodes.includes(node);

/** Worse over the first seconds, better over the last ones; what does not answer has no such edges. */
function slowdownOf(event: Timed<EventOf<"dependency">>, atMs: EpochMs): number {
  if (event.state === "hung" || event.state === "refusing") return Infinity;
  const up = event.rampSeconds === 0 ? 1 : (atMs - event.fromMs) / (event.rampSeconds * 1000);
  const down = event.recoverSeconds === 0 ? 1 : (event.toMs - atMs) / (event.recoverSeconds * 1000);
  return 1 + (event.slowdown - 1) * Math.min(1, up, down);
}

/** Every instant at which an event begins, ends, or turns from getting worse to being bad. */
function boundaries(scenario: Scenario, calendar: Calendar): readonly EpochMs[] {
  const instants = new Set<EpochMs>();
  for (const event of scenario.events) {
    const fromMs = calendar.instant(event.at);
    const toMs = calendar.instant(event.until);
    instants.add(fromMs).add(toMs);
    if (event.what !== "dependency") continue;
    instants.add(Math.min(toMs, fromMs + event.rampSeconds * 1000));
    instants.add(Math.max(fromMs, toMs - event.recoverSeconds * 1000));
  }
  return [...instants].sort((a, b) => a - b);
}
