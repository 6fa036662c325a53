import type { CollectorFreshness, EpochMs, Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { impactOf } from "./impact.ts";
import { defineRule, remember } from "./rule.ts";

const id = "collector-stale";
const defaults = {
  forSeconds: 60,
  /** Blind for this long wakes somebody: mail may be late and nobody would know. */
  pageAfterSeconds: 1800,
  /** While mail is late, being blind is worse. */
  pageWhenLateSeconds: 300,
};

/** Collector -> since when it gives nothing. */
type Memory = Readonly<Record<string, EpochMs>>;
const maxCollectors = 500;

/** A collector that the screen depends on brings nothing new. */
export const collectorStale = defineRule<typeof defaults, Memory>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const since: Record<string, EpochMs> = {};
    // What is well is not spoken of, which ends its alert: so the bound never hides one that is ill behind many that are not.
    const ill = input.sections.freshness.collectors.filter(({ required, state }) => required && state !== "ok");
    const signals = ill.slice(0, maxCollectors).map((collector) => {
      const level = levels[collector.state];
      if (level === "bad") since[collector.id] = memory[collector.id] ?? onset(collector, input.nowMs);
      const blindSeconds = (input.nowMs - (since[collector.id] ?? input.nowMs)) / 1000;
      const limit = impactOf(input) === "late" ? options.pageWhenLateSeconds : options.pageAfterSeconds;
      return staleSignal(collector, level, blindSeconds >= limit ? "page" : "ticket", input.nowMs, {
        forSeconds: options.forSeconds,
        startedAtMs: since[collector.id] ?? null,
      });
    });
    return { signals, memory: remember(memory, since) };
  },
  sample: (atMs) => [
    staleSignal(
      {
        id: "mx1/postfix-log" as CollectorFreshness["id"],
        node: "mx1" as CollectorFreshness["node"],
        required: true,
        lastDataMs: atMs - 240_000,
        limitSeconds: 10,
        state: "failing",
        problem: "cannot read /var/log/mail.log: the user needs the group adm",
      },
      "bad",
      "ticket",
      atMs,
      { startedAtMs: atMs - 240_000 },
    ),
  ],
});

const levels: Readonly<Record<CollectorFreshness["state"], Signal["level"]>> = {
  ok: "clear",
  stale: "bad",
  failing: "bad",
  starting: "unknown",
};

const onset = ({ lastDataMs }: CollectorFreshness, nowMs: EpochMs): EpochMs => Math.min(lastDataMs ?? nowMs, nowMs);

function staleSignal(
  collector: CollectorFreshness,
  level: Signal["level"],
  severity: Severity,
  nowMs: EpochMs,
  more: Partial<Signal>,
): Signal {
  const { lastDataMs, limitSeconds: limit, problem, state } = collector;
  return signal(
    id,
    collector.id,
    {
      level,
      cause: "collector-stale",
      severity,
      node: collector.node,
      ...more,
    },
    () => ({
      title: sentence(state === "failing" ? "freshness.failing" : "freshness.stale", { collector: collector.id }),
      evidence: lines(
        problem !== null && sentence("freshness.problem", { problem }),
        lastDataMs === null
          ? sentence("freshness.never", { limit })
          : sentence("freshness.last-data", { sinceMs: lastDataMs, seconds: (nowMs - lastDataMs) / 1000, limit }),
        sentence("freshness.blind"),
      ),
      actions: [action(sentence("action.check-collector", { collector: collector.id }), "npx mailtide doctor")],
    }),
  );
}
