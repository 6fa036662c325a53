import type { EpochMs } from "@mailtide/shared";
import type { Agenda } from "../../agenda.ts";
import type { Conditions, DaySink, Usage } from "../../engine/world.ts";
import type { Random } from "../../random.ts";
import type { Scenario } from "../../scenario/schema.ts";
import type { Draws } from "../seeds.ts";
import { eventsOf, type EventOf, type Timed } from "../timeline.ts";
import { lookAtOther } from "./others.ts";
import type { Dependency, Found, ProbeLook } from "./probe-parts.ts";
import { lookAtSql } from "./sql.ts";

export interface ProbingParts {
  readonly agenda: Agenda;
  readonly draws: Draws;
  readonly scenario: Scenario;
  readonly events: readonly Timed[];
  readonly conditions: Conditions;
  readonly usage: Usage;
  readonly sink: Pick<DaySink, "probe">;
}

/** Writes a row of `probes.jsonl` for each look at a dependency, when the look is over. */
export function startProbes(parts: ProbingParts): void {
  const { agenda, scenario, draws } = parts;
  const troubles = eventsOf(parts.events, "dependency");
  scenario.dependencies.forEach((dependency, index) => {
    const everyMs = Math.max(1, dependency.everySeconds) * 1000;
    // By its place: a dependency under another name is still the same one.
    const random = draws(`probe ${index}`);
    const own = troubles.filter(({ id }) => id === dependency.id);
    const probe = () => {
      const startMs = agenda.nowMs;
      const found = lookAt(dependency, startMs, own, parts, random);
      const endMs = startMs + found.latencySeconds * 1000;
      agenda.at(endMs, () => parts.sink.probe(rowOf(dependency, found, agenda.nowMs)));
      agenda.at(Math.max(startMs + everyMs, endMs), probe);
    };
    // Probes do not all begin in the same instant.
    agenda.at(agenda.nowMs + random.unit() * everyMs, probe);
  });
}

function lookAt(
  dependency: Dependency,
  nowMs: EpochMs,
  troubles: readonly EventOf<"dependency">[],
  { conditions, usage }: ProbingParts,
  random: Random,
): Found {
  const condition = conditions.dependency(dependency.id, nowMs);
  const event = troubles.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
  const look: ProbeLook = { dependency, nowMs, condition, event, usage, random };
  return dependency.type === "postgres" || dependency.type === "mysql" ? lookAtSql(look) : lookAtOther(look);
}

function rowOf({ id, type }: Dependency, found: Found, atMs: EpochMs): string {
  const latencySeconds = Math.round(found.latencySeconds * 100_000) / 100_000;
  return JSON.stringify({ at: new Date(atMs).toISOString(), id, type, ...found, latencySeconds });
}
