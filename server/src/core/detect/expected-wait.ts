import { isBlind } from "../freshness/silence.ts";
import { sentence } from "../text/sentence.ts";
import { levelOf, lines, signal, waitsAt } from "./build.ts";
import { backlogSteps, hostActions, sampleActions } from "./host-actions.ts";
import { defineRule } from "./rule.ts";

const id = "expected-wait";
const defaults = {
  forSeconds: 60,
  clearShare: 0.8,
  /** An estimate without an interval wakes somebody from this many times the target on. */
  pageTimesTarget: 2,
};

/** Mail accepted now will be late, although none may be late yet. */
export const expectedWait = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { expected, work, verdict } = input.sections.delay;
    const seconds = expected.seconds ?? 0;
    const level =
      isBlind(input.sections.freshness) ||
      (expected.seconds === null && (verdict === "unknown" || expected.notMovingSinceMs !== null))
        ? "unknown"
        : levelOf(seconds, input.targetSeconds, input.targetSeconds * options.clearShare);
    const sure =
      (expected.lowSeconds ?? 0) >= input.targetSeconds || seconds >= options.pageTimesTarget * input.targetSeconds;
    const { lowSeconds: low, highSeconds: high } = expected;
    return {
      memory,
      signals: [
        signal(
          id,
          null,
          {
            level,
            cause: "capacity",
            severity: sure ? "page" : "ticket",
            forSeconds: options.forSeconds,
          },
          () => ({
            title: sentence("delay.expected"),
            evidence: lines(
              low === null || high === null
                ? sentence("delay.expected-point", { seconds })
                : sentence("delay.expected-wait", { seconds, low, high }),
              work.busyPerSecond !== null &&
                sentence("delay.work", { due: work.due, rate: work.busyPerSecond, arriving: work.arrivingPerSecond }),
              waitsAt(input.sections.queues),
            ),
            actions: hostActions(input, null, backlogSteps),
          }),
        ),
      ],
    };
  },
  sample: () => [
    signal(
      id,
      null,
      {
        level: "bad",
        cause: "capacity",
        severity: "page",
      },
      () => ({
        title: sentence("delay.expected"),
        evidence: [
          sentence("delay.expected-wait", { seconds: 4800, low: 3000, high: 7800 }),
          sentence("delay.work", { due: 220_000, rate: 46, arriving: 51 }),
        ],
        actions: sampleActions(backlogSteps),
      }),
    ),
  ],
});
