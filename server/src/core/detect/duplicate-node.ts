import type { CollectorFreshness, EpochMs } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { defineRule } from "./rule.ts";

const id = "duplicate-node";
const defaults = { forSeconds: 0 };
const maxNodes = 500;

/** Two hosts, or two programs on one, send as the same node: what is shown of it is a mixture. */
export const duplicateNode = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const twins = input.sections.freshness.collectors.filter(({ twinsSinceMs }) => twinsSinceMs !== undefined);
    const signals = twins
      .slice(0, maxNodes)
      .map((collector) => duplicateSignal(collector, input.nowMs, options.forSeconds));
    return { memory, signals };
  },
  sample: (atMs) => [
    duplicateSignal(
      {
        id: "mx2/agent" as CollectorFreshness["id"],
        node: "mx2" as CollectorFreshness["node"],
        required: true,
        lastDataMs: atMs,
        limitSeconds: 15,
        state: "ok",
        problem: null,
        twinsSinceMs: atMs - 90_000,
        twinsFrom: ["192.0.2.7", "192.0.2.9"],
      },
      atMs,
      defaults.forSeconds,
    ),
  ],
});

function duplicateSignal(
  { id: collector, node, twinsSinceMs, twinsFrom = [] }: CollectorFreshness,
  nowMs: EpochMs,
  forSeconds: number,
): Signal {
  const sinceMs = twinsSinceMs ?? nowMs;
  const said = { level: "bad", cause: "duplicate-node", severity: "ticket", node, startedAtMs: sinceMs } as const;
  return signal(id, collector, { ...said, forSeconds }, () => ({
    title: sentence("freshness.twins", { node: node ?? collector }),
    evidence: lines(
      sentence("freshness.twins-since", { sinceMs, seconds: (nowMs - sinceMs) / 1000 }),
      twinsFrom.length > 0 &&
        sentence("freshness.twins-from", { addresses: twinsFrom.join(" and "), count: twinsFrom.length }),
      sentence("freshness.twins-mean"),
    ),
    actions: [action(sentence("action.one-agent", { node: node ?? collector }))],
  }));
}
