import type { Cause, DelaySection, EpochMs, NodeId } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, signal } from "./build.ts";
import { defineRule } from "./rule.ts";

const id = "far-sides";
const defaults = {
  /** The breadth rule of the delay model has looked at five minutes already. */
  forSeconds: 0,
};
type Breadth = NonNullable<DelaySection["breadth"]>;

/** Far sides that have nothing to do with each other do not answer at once: our network, our resolver, our addresses. */
export const farSides = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate({ sections }, memory, options) {
    const { breadth } = sections.delay;
    if (breadth === null) return { memory, signals: [] };
    const nodes: readonly (NodeId | null)[] = breadth.nodes.length === 0 ? [null] : breadth.nodes;
    return { memory, signals: nodes.map((node) => of(breadth, node, options.forSeconds)) };
  },
  sample: (atMs) => [of(sampleOf(atMs), null, 0)],
});

function of(breadth: Breadth, node: NodeId | null, forSeconds: number): Signal {
  const { hit, tried, sinceMs, reason } = breadth;
  const isLookup = reason === "dns";
  const cause: Cause = isLookup ? "dns-failure" : "connect-timeouts";
  return signal(id, node, { level: "bad", cause, severity: "page", node, forSeconds, startedAtMs: sinceMs }, () => ({
    title: sentence(isLookup ? "delivery.no-look-ups" : "delivery.no-connections"),
    evidence: [
      sentence("delivery.operators-hit", { hit, tried, share: tried === 0 ? 0 : hit / tried }),
      sentence("delivery.ours-since", { sinceMs }),
    ],
    actions: [action(sentence(isLookup ? "action.check-resolver" : "action.check-network"))],
  }));
}

const sampleOf = (atMs: EpochMs): Breadth => ({
  sinceMs: atMs - 120_000,
  hit: 31,
  tried: 44,
  reason: "connect-timeout",
  nodes: [],
});
