import type { EpochMs, InboundSection } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { lines, signal } from "./build.ts";
import { baselineOf, emptyBaseline, learn, type Baseline } from "./baseline.ts";
import { refusalActions, sampleRefusals } from "./host-actions.ts";
import { impactOf } from "./impact.ts";
import { defineRule, remember, type RuleInput } from "./rule.ts";

const id = "attack-sources";
const defaults = {
  forSeconds: 5,
  /** A few scanners, web forms and notes to self send to their own sender every day: many distinct new sources do not. */
  spoofSources: 40,
  spoofShare: 0.15,
  spoofClearSources: 20,
  spoofClearShare: 0.05,
  /** New sources within five minutes: at least so many, and so many times the usual. */
  floodSources: 300,
  floodTimesUsual: 6,
  floodClearTimesUsual: 3,
};
type Options = typeof defaults;
const kinds = ["spoof-flood", "inbound-flood"] as const;
type Kind = (typeof kinds)[number];

interface Memory {
  readonly baseline: Baseline;
  /** Since when each is above what is clear: the onset, should it become an attack. */
  readonly since: Readonly<Partial<Record<Kind, EpochMs>>>;
}

/**
 * Many sources never seen before, all at once. Sending to themselves it is a spoofing flood, else a flood.
 * Known senders that come back after an outage are not new, and one heavy sender is one source.
 */
export const attackSources = defineRule<Options, Memory>({
  id,
  defaults,
  emptyMemory: { baseline: emptyBaseline, since: {} },
  evaluate(input, memory, options) {
    const { inbound } = input.sections;
    const usual = inbound.usualNewSources ?? baselineOf(memory.baseline, input.nowMs);
    const spoof = spoofLevel(inbound, options);
    const flood = spoof === "bad" ? "between" : floodLevel(inbound, usual, options);
    const since = sinceOf({ "spoof-flood": spoof, "inbound-flood": flood }, memory.since, input.nowMs);
    // What is being judged must not become the usual while it lasts.
    const calm = (spoof === "clear" && flood === "clear") || flood === "unknown";
    const baseline = calm ? learn(memory.baseline, inbound.newSources, input.nowMs) : memory.baseline;
    return {
      memory: baseline === memory.baseline && since === memory.since ? memory : { baseline, since },
      signals: [
        attackSignal("spoof-flood", spoof, input, usual, since["spoof-flood"] ?? null, options),
        attackSignal("inbound-flood", flood, input, usual, since["inbound-flood"] ?? null, options),
      ],
    };
  },
  sample: (atMs) => [
    signal(
      id,
      "spoof-flood",
      {
        level: "bad",
        cause: "spoof-flood",
        severity: "ticket",
        startedAtMs: atMs - 60_000,
      },
      () => ({
        title: sentence("attack.spoof-flood"),
        evidence: [
          sentence("attack.new-sources", { fresh: 7287, usual: 35 }),
          sentence("attack.spoof-share", { share: 0.97, sources: 7104 }),
          sentence("attack.absorbed"),
        ],
        actions: sampleRefusals(true),
      }),
    ),
  ],
});

function sinceOf(
  levels: Readonly<Record<Kind, Signal["level"]>>,
  before: Memory["since"],
  nowMs: EpochMs,
): Memory["since"] {
  const since: Partial<Record<Kind, EpochMs>> = {};
  for (const kind of kinds)
    if (levels[kind] !== "clear" && levels[kind] !== "unknown") since[kind] = before[kind] ?? nowMs;
  return remember(before, since);
}

function spoofLevel({ spoofShare, spoofingSources }: InboundSection, options: Options): Signal["level"] {
  // No mail from outside in the window: nobody spoofs.
  const share = spoofShare ?? 0;
  if (spoofingSources >= options.spoofSources && share >= options.spoofShare) return "bad";
  return spoofingSources < options.spoofClearSources || share < options.spoofClearShare ? "clear" : "between";
}

/** Without any usual to compare with, nothing can be called a surge: after a first start every source is new. */
function floodLevel({ newSources }: InboundSection, usual: number | null, options: Options): Signal["level"] {
  if (usual === null) return newSources < options.floodSources ? "clear" : "unknown";
  if (newSources >= Math.max(options.floodSources, usual * options.floodTimesUsual)) return "bad";
  return newSources < Math.max(options.floodSources / 2, usual * options.floodClearTimesUsual) ? "clear" : "between";
}

/** An attack that we absorb is a ticket; one that makes mail late wakes somebody. */
function attackSignal(
  kind: Kind,
  level: Signal["level"],
  input: RuleInput,
  usual: number | null,
  startedAtMs: EpochMs | null,
  options: Options,
): Signal {
  const { inbound, delay } = input.sections;
  const late = impactOf(input) === "late";
  const { newSources: fresh, distinctSources: distinct } = inbound;
  return signal(
    id,
    kind,
    {
      level,
      cause: kind,
      severity: late ? "page" : "ticket",
      forSeconds: options.forSeconds,
      startedAtMs,
    },
    () => ({
      title: sentence(`attack.${kind}`),
      evidence: lines(
        usual === null
          ? sentence("attack.new-sources-only", { fresh, distinct, atLeast: !inbound.distinctExact })
          : sentence("attack.new-sources", { fresh, usual }),
        kind === "spoof-flood"
          ? sentence("attack.spoof-share", { share: inbound.spoofShare ?? 0, sources: inbound.spoofingSources })
          : sentence("attack.rate", { messages: inbound.messagesPerSecond, rejects: inbound.rejectsPerSecond }),
        late ? sentence("attack.hits", { seconds: delay.headlineSeconds ?? 0 }) : sentence("attack.absorbed"),
      ),
      actions: refusalActions(input, kind === "spoof-flood"),
    }),
  );
}
