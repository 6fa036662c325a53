import type { Signal } from "../alert/signal.ts";
import { lateMail } from "./late-mail.ts";
import { lateHost } from "./late-host.ts";
import { refusedByUs } from "./refused-by-us.ts";
import { expectedWait } from "./expected-wait.ts";
import { queueGrowth } from "./queue-growth.ts";
import { countedQueues } from "./counted-queues.ts";
import { stuckMessages } from "./stuck-messages.ts";
import { databaseUnresponsive } from "./database-unresponsive.ts";
import { databaseSaturated } from "./database-saturated.ts";
import { roundTrip } from "./round-trip.ts";
import { schemaLock } from "./schema-lock.ts";
import { farSides } from "./far-sides.ts";
import { dependencyTrouble } from "./dependency-trouble.ts";
import { collectorStale } from "./collector-stale.ts";
import { duplicateNode } from "./duplicate-node.ts";
import { logLoss } from "./log-loss.ts";
import { attackSources } from "./attack-sources.ts";
import type { Options, Rule, RuleInput } from "./rule.ts";

/** Every rule: a new one is a file and a line here. */
export const rules: readonly Rule[] = [
  lateMail,
  lateHost,
  refusedByUs,
  expectedWait,
  queueGrowth,
  countedQueues,
  stuckMessages,
  databaseUnresponsive,
  databaseSaturated,
  schemaLock,
  dependencyTrouble,
  roundTrip,
  farSides,
  collectorStale,
  duplicateNode,
  logLoss,
  attackSources,
];

/** What each rule remembers, by its id. JSON. */
export type Memories = Readonly<Record<string, unknown>>;
/** `alerts.rules` of the configuration: rule id -> changed thresholds. */
export type Overrides = Readonly<Record<string, Partial<Options>>>;

const noOverrides: Partial<Options> = {};

/** Asks every rule once. Pure; the memories come back for the next turn. */
export function detect(
  input: RuleInput,
  memories: Memories,
  overrides: Overrides = {},
): { readonly signals: readonly Signal[]; readonly memories: Memories } {
  const signals: Signal[] = [];
  // The same object while no rule remembers anything else.
  let next: Record<string, unknown> | null = null;
  for (const rule of rules) {
    const memory = memories[rule.id];
    const result = rule.evaluate(input, memory, overrides[rule.id] ?? noOverrides);
    for (const signal of result.signals) signals.push(signal);
    if (result.memory !== memory) (next ??= { ...memories })[rule.id] = result.memory;
  }
  return { signals, memories: next ?? memories };
}

/** Rule id -> thresholds with their shipped values, for the configuration's schema and documentation. */
export const ruleDefaults: Overrides = Object.fromEntries(rules.map((rule) => [rule.id, rule.defaults]));
