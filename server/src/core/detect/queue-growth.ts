import type { EpochMs } from "@mailtide/shared";
import { isBlind } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { lines, signal, waitsAt } from "./build.ts";
import { hostActions, sampleActions, type Step } from "./host-actions.ts";
import { impactOf } from "./impact.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "queue-growth";
const defaults = {
  /** Nothing has left for this long. */
  stillSeconds: 60,
  /** Messages that came on top meanwhile. */
  minGrowth: 10,
  /** A site with little mail: fewer are enough when they wait for longer. */
  slowStillSeconds: 600,
  slowMinGrowth: 3,
  /** It wakes somebody after this time, or as soon as mail is late. */
  pageAfterSeconds: 180,
};

/** What waited on us when departures stopped. */
interface Memory {
  readonly still: { readonly sinceMs: EpochMs; readonly waiting: number } | null;
}

/**
 * Mail comes in and none leaves. Only waits on our side count: a queue full of mail for a dead remote domain may grow.
 */
export const queueGrowth = defineRule<typeof defaults, Memory>({
  id,
  defaults,
  emptyMemory: { still: null },
  evaluate(input, memory, options) {
    // The queues are added up only while nothing leaves them.
    const waiting = isMoving(input) ? 0 : ownWaiting(input);
    const still = waiting === 0 ? null : stillness(input, memory, waiting);
    const stillMs = still === null ? 0 : input.nowMs - still.sinceMs;
    const growth = still === null ? 0 : waiting - still.waiting;
    const bad =
      (stillMs >= options.stillSeconds * 1000 && growth >= options.minGrowth) ||
      (stillMs >= options.slowStillSeconds * 1000 && growth >= options.slowMinGrowth);
    const late = impactOf(input) === "late" || stillMs >= options.pageAfterSeconds * 1000;
    return {
      memory: still === memory.still ? memory : { still },
      signals: [
        signal(
          id,
          null,
          {
            level: isBlind(input.sections.freshness)
              ? "unknown"
              : bad
                ? "bad"
                : still === null || waiting === 0
                  ? "clear"
                  : "between",
            cause: "no-departures",
            severity: late ? "page" : "ticket",
            startedAtMs: still?.sinceMs ?? null,
          },
          () => ({
            title: sentence("delay.no-departures"),
            evidence: lines(
              still !== null && sentence("delay.not-moving", { seconds: stillMs / 1000, sinceMs: still.sinceMs }),
              still !== null && sentence("delay.growth", { waiting, before: still.waiting, seconds: stillMs / 1000 }),
              waitsAt(input.sections.queues),
            ),
            actions: hostActions(input, null, steps),
          }),
        ),
      ],
    };
  },
  sample: (atMs) => [
    signal(
      id,
      null,
      {
        level: "bad",
        cause: "no-departures",
        severity: "page",
        startedAtMs: atMs - 840_000,
      },
      () => ({
        title: sentence("delay.no-departures"),
        evidence: [
          sentence("delay.not-moving", { seconds: 840, sinceMs: atMs - 840_000 }),
          sentence("delay.growth", { waiting: 12_400, before: 310, seconds: 840 }),
        ],
        actions: sampleActions(steps),
      }),
    ),
  ],
});

/** Waits that nobody could attribute count as ours. Where only queues are counted, another rule judges: no departure is seen. */
const ownWaiting = ({ sections: { queues } }: RuleInput): number =>
  Math.max(0, queues.waiting.own.count + queues.waiting.unknown.count - (queues.counted?.ownWaiting ?? 0));

const isMoving = ({ sections: { delay } }: RuleInput): boolean =>
  delay.expected.notMovingSinceMs === null && delay.work.leavingPerSecond > 0;

function stillness({ nowMs, sections: { delay } }: RuleInput, { still }: Memory, waiting: number): Memory["still"] {
  // The lowest level since then: mail that ends by other ways than delivery must not hide what came on top.
  if (still !== null) return waiting < still.waiting ? { ...still, waiting } : still;
  // Mail may have stood for a while before anybody looked; what waited then is not known, so growth counts from now.
  const sinceMs = Math.min(delay.expected.notMovingSinceMs ?? nowMs, nowMs);
  return { sinceMs, waiting };
}

const steps: readonly Step[] = ["check-mta", "show-queue"];
