import type { CollectorFreshness, EpochMs } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { isBlind } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { action, lines, signal } from "./build.ts";
import { impactOf } from "./impact.ts";
import { defineRule, remember } from "./rule.ts";

const id = "collector-stale";
const defaults = {
  forSeconds: 60,
  /** Blind for this long wakes somebody: mail may be late and nobody would know. */
  pageAfterSeconds: 1800,
  /** While mail is late, or so many hosts are silent that nobody can say, being blind is worse. */
  pageWhenLateSeconds: 300,
  /** So many have an alert of their own; what is silent beyond them has one for all: a network that is cut is one thing. */
  mostNamed: 5,
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
    const ill = input.sections.freshness.collectors
      .filter(({ required, state }) => required && state !== "ok")
      .slice(0, maxCollectors);
    for (const collector of ill)
      if (levels[collector.state] === "bad")
        since[collector.id] = memory[collector.id] ?? onset(collector, input.nowMs);
    const sinceOf = ({ id }: CollectorFreshness): EpochMs => since[id] ?? input.nowMs;
    const byOnset = ill.toSorted((a, b) => sinceOf(a) - sinceOf(b));
    const isCut = byOnset.length > options.mostNamed && isBlind(input.sections.freshness);
    const limit = isCut || impactOf(input) === "late" ? options.pageWhenLateSeconds : options.pageAfterSeconds;
    const said = (collector: CollectorFreshness): Partial<Signal> & Pick<Signal, "severity"> => ({
      severity: (input.nowMs - sinceOf(collector)) / 1000 >= limit ? "page" : "ticket",
      forSeconds: options.forSeconds,
      startedAtMs: since[collector.id] ?? null,
    });
    const named = byOnset.slice(0, options.mostNamed);
    const signals = named.map((one) => staleSignal(one, levels[one.state], input.nowMs, said(one)));
    const others = byOnset.slice(options.mostNamed).filter(({ state }) => levels[state] === "bad");
    const [first] = others;
    if (first !== undefined) signals.push(othersSignal(others, said(first)));
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
      atMs,
      { severity: "ticket", startedAtMs: atMs - 240_000 },
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
  nowMs: EpochMs,
  more: Partial<Signal> & Pick<Signal, "severity">,
): Signal {
  const { lastDataMs, limitSeconds: limit, problem, state } = collector;
  return signal(
    id,
    collector.id,
    {
      level,
      cause: "collector-stale",
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

const mostListed = 10;

function othersSignal(
  collectors: readonly CollectorFreshness[],
  more: Partial<Signal> & Pick<Signal, "severity">,
): Signal {
  const names = [...new Set(collectors.map(({ node, id }) => node ?? id))];
  const { length: count } = names;
  return signal(id, "others", { level: "bad", cause: "collector-stale", ...more }, () => ({
    title: sentence("freshness.others", { count }),
    evidence: lines(
      sentence("freshness.others-are", { names: names.slice(0, mostListed), more: count - mostListed }),
      sentence("freshness.blind"),
    ),
    actions: [action(sentence("action.check-collectors"), "npx mailtide doctor")],
  }));
}
