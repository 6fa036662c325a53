import type { CountedView, EpochMs, Seconds } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { levelOf, lines, signal } from "./build.ts";
import { hostActions, sampleActions } from "./host-actions.ts";
import { defineRule } from "./rule.ts";

const id = "counted-queues";
const defaults = {
  /** It has grown for this long, without falling back in between. */
  growingSeconds: 600,
  minGrowth: 50,
  /** And to this many times what it was. */
  growthTimes: 2,
  /** It may fall back by this share of its height and still be growing. */
  dipShare: 0.1,
  /** Counters say that nothing leaves while the queue grows: it wakes somebody after this. */
  stillSeconds: 180,
  forSeconds: 60,
  clearShare: 0.8,
  /** The oldest at the entrance wakes somebody from this many times the target on. */
  pageTimesTarget: 3,
};
type Options = typeof defaults;

/** `node by` -> the run of growth: since when, from how many, to how many; and since when nothing leaves. */
type Memory = Readonly<Record<string, Run>>;
interface Run {
  readonly sinceMs: EpochMs;
  readonly from: number;
  readonly highest: number;
  readonly stillSinceMs: EpochMs | null;
}
const emptyMemory: Memory = {};
const maxNodes = 100;

/** Queues of which only counts are known. No departure is seen, so it takes more to be sure than where there is a log. */
export const countedQueues = defineRule<Options, Memory>({
  id,
  defaults,
  emptyMemory,
  evaluate(input, memory, options) {
    const { nowMs, targetSeconds, sections } = input;
    if (sections.delay.estimate === undefined) return { signals: [], memory: emptyMemory };
    const next: Record<string, Run> = {};
    const alone = (sections.queues.counted?.nodes ?? []).filter(({ isBeside }) => !isBeside).slice(0, maxNodes);
    const signals = alone.map((view) => {
      const run = runOf(view, memory[keyOf(view)], options, nowMs);
      next[keyOf(view)] = run;
      const actions = (): Signal["actions"] => hostActions(input, view.node, ["show-queue"]);
      return countedSignal(view, run, options, { nowMs, targetSeconds, actions });
    });
    return { signals, memory: next };
  },
  sample: (atMs) => [
    countedSignal(
      sampleView(atMs),
      { sinceMs: atMs - 1_260_000, from: 310, highest: 12_400, stillSinceMs: null },
      defaults,
      { nowMs: atMs, targetSeconds: 300, actions: () => sampleActions(["show-queue"]) },
    ),
  ],
});

const keyOf = ({ node, by }: CountedView): string => `${node} ${by}`;

function runOf(view: CountedView, before: Run | undefined, { dipShare }: Options, nowMs: EpochMs): Run {
  const { waiting, leftPerSecond } = view;
  const stillSinceMs = leftPerSecond === 0 && waiting > 0 ? (before?.stillSinceMs ?? nowMs) : null;
  if (before === undefined || waiting < before.highest * (1 - dipShare) || waiting <= before.from)
    return { sinceMs: nowMs, from: waiting, highest: waiting, stillSinceMs };
  return { ...before, highest: Math.max(before.highest, waiting), stillSinceMs };
}

interface Judging {
  readonly nowMs: EpochMs;
  readonly targetSeconds: Seconds;
  readonly actions: () => Signal["actions"];
}

function countedSignal(
  view: CountedView,
  run: Run,
  options: Options,
  { nowMs, targetSeconds, actions }: Judging,
): Signal {
  const { node, by, waiting, sureSeconds, leftPerSecond: left, arrivedPerSecond: arrived, atLeast } = view;
  const grownSeconds = (nowMs - run.sinceMs) / 1000;
  const grows =
    grownSeconds >= options.growingSeconds &&
    waiting - run.from >= options.minGrowth &&
    waiting >= run.from * options.growthTimes;
  const stillSeconds = run.stillSinceMs === null ? 0 : (nowMs - run.stillSinceMs) / 1000;
  const stands = stillSeconds >= options.stillSeconds && waiting > run.from;
  const age = sureSeconds ?? 0;
  const old = levelOf(age, targetSeconds, targetSeconds * options.clearShare);
  const bad = grows || stands || old === "bad";
  const title = stands ? "counted.stands" : grows ? "counted.growth" : "counted.old";
  return signal(
    id,
    node,
    {
      level: bad ? "bad" : old === "between" ? "between" : "clear",
      cause: stands ? "no-departures" : "capacity",
      severity: stands || age >= options.pageTimesTarget * targetSeconds ? "page" : "ticket",
      node,
      forSeconds: options.forSeconds,
      startedAtMs: grows || stands ? run.sinceMs : nowMs - age * 1000,
    },
    () => ({
      title: sentence(title, { node }),
      evidence: lines(
        (grows || stands) && sentence("counted.grown", { waiting, before: run.from, seconds: grownSeconds }),
        left !== null && sentence("counted.left", { left, arrived }),
        old === "bad" && sentence("counted.oldest", { seconds: age, target: targetSeconds, atLeast }),
        sentence("counted.estimate", { by }),
      ),
      actions: actions(),
    }),
  );
}

const sampleView = (atMs: EpochMs): CountedView => ({
  node: "mx3" as CountedView["node"],
  by: "mx3/prometheus",
  atMs,
  isBeside: false,
  waiting: 12_400,
  oldestSeconds: 1_260,
  sureSeconds: 40,
  atLeast: false,
  arrivedPerSecond: null,
  leftPerSecond: null,
  queues: [],
});
