import type { RefusedByUs } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { isBlind } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { levelOf, lines, signal } from "./build.ts";
import { hostActions, sampleActions, type Step } from "./host-actions.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "refused-by-us";
const defaults = {
  forSeconds: 60,
  /** Refusals a minute. */
  minCount: 20,
  /** Of what is offered. */
  badShare: 0.2,
  clearShare: 0.05,
  /** From this share on it wakes somebody. */
  pageShare: 0.5,
};
type Options = typeof defaults;

/**
 * We put mail off at the door for a fault of our own: a milter that is away, look-ups that fail, no space. That mail waits at
 * its senders and in no queue of ours, so every other number says that all is well.
 */
export const refusedByUs = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { inbound, freshness } = input.sections;
    return {
      memory,
      signals: [refusalSignal(inbound.refusedByUs ?? null, isBlind(freshness), options, () => actionsFor(input))],
    };
  },
  sample: () => [
    refusalSignal({ count: 610, share: 0.98, fault: "filter", node: null }, false, defaults, () =>
      sampleActions(steps),
    ),
  ],
});

function refusalSignal(
  refused: RefusedByUs | null,
  isUnknown: boolean,
  options: Options,
  actions: () => Signal["actions"],
): Signal {
  const { count, share, fault, node } = refused ?? nothing;
  // A handful in a quiet minute is no share of anything.
  const level =
    count < options.minCount && share >= options.badShare
      ? "between"
      : levelOf(share, options.badShare, options.clearShare);
  return signal(
    id,
    null,
    {
      level: isUnknown ? "unknown" : level,
      cause: "no-arrivals",
      severity: share >= options.pageShare ? "page" : "ticket",
      node,
      forSeconds: options.forSeconds,
    },
    () => ({
      title: sentence("delay.refused"),
      evidence: lines(
        sentence("delay.refused-count", { count, share }),
        sentence("delay.refused-fault", { fault }),
        node !== null && sentence("delay.refused-at", { node }),
      ),
      actions: actions(),
    }),
  );
}

const nothing: RefusedByUs = { count: 0, share: 0, fault: "resources", node: null };
const steps: readonly Step[] = ["check-mta"];

const actionsFor = (input: RuleInput): Signal["actions"] =>
  hostActions(input, input.sections.inbound.refusedByUs?.node ?? null, steps);
