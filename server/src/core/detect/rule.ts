import type { EpochMs, LiveState, Seconds, SiteId } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import type { DelayNow } from "../model/delay-api.ts";
import type { Change } from "../observation.ts";
import type { HostMta } from "./operator-commands.ts";

/** What a rule may look at: what the screen shows, nothing else, so that a reader can always check a rule by eye. */
export interface Sections extends Pick<LiveState, "freshness" | "queues" | "stages" | "dependencies" | "inbound"> {
  readonly delay: DelayNow;
}

export interface RuleInput {
  readonly nowMs: EpochMs;
  readonly site: { readonly id: SiteId; readonly timezone: string };
  /** Every node, and which MTA runs on it. */
  readonly hosts: readonly HostMta[];
  /** `delay.target`: mail that waits longer is late. */
  readonly targetSeconds: Seconds;
  readonly sections: Sections;
  /** Those of the last 24 hours, oldest first. */
  readonly changes: readonly Change[];
}

/** Thresholds of a rule; each name bears its unit. Set under `alerts.rules.ID` in the configuration. */
export type Options = Readonly<Record<string, number>>;

/**
 * A rule is a pure function over the input and a small memory of its own.
 *
 * It speaks about every subject it watches, every turn: a subject that it no longer mentions counts as clear.
 * What it cannot know is `unknown`, which neither fires nor resolves. `memory` is JSON and bounded by the rule.
 */
export interface RuleSpec<O extends Options, Memory> {
  readonly id: string;
  readonly defaults: O;
  readonly emptyMemory: Memory;
  evaluate(
    input: RuleInput,
    memory: Memory,
    options: O,
  ): { readonly signals: readonly Signal[]; readonly memory: Memory };
  /** What its alerts look like, for screens that are built and tested without an incident. */
  sample(atMs: EpochMs): readonly Signal[];
}

/** The same with its own types closed off, so that rules of all kinds stand in one list. */
export interface Rule {
  readonly id: string;
  readonly defaults: Options;
  evaluate(input: RuleInput, memory: unknown, overrides: Partial<Options>): RuleResult;
  sample(atMs: EpochMs): readonly Signal[];
}
export interface RuleResult {
  readonly signals: readonly Signal[];
  readonly memory: unknown;
}

/** What was remembered before where nothing is different now: it is the same object then. */
export function remember<Value>(
  before: Readonly<Record<string, Value>>,
  now: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  let fewer = 0;
  for (const key in now) {
    if (before[key] !== now[key]) return now;
    fewer -= 1;
  }
  for (const _ in before) fewer += 1;
  return fewer === 0 ? before : now;
}

export function defineRule<O extends Options, Memory>(spec: RuleSpec<O, Memory>): Rule {
  let merged: { readonly of: Partial<Options>; readonly options: O } | null = null;
  return {
    id: spec.id,
    defaults: spec.defaults,
    evaluate(input, memory, overrides) {
      // The same overrides come every second.
      if (merged?.of !== overrides) merged = { of: overrides, options: { ...spec.defaults, ...overrides } };
      return spec.evaluate(input, (memory as Memory | undefined) ?? spec.emptyMemory, merged.options);
    },
    sample: (atMs) => spec.sample(atMs),
  };
}
