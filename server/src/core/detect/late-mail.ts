import type { Cause, StageSection } from "@mailtide/shared";
import { sentence } from "../text/sentence.ts";
import { levelOf, lines, signal, waitsAt } from "./build.ts";
import { backlogSteps, hostActions, sampleActions } from "./host-actions.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "late-mail";
const defaults = {
  forSeconds: 15,
  /** Clear below this share of the target. */
  clearShare: 0.8,
  /** From this share of the last hour's mail on, it wakes somebody. */
  pageLateShare: 0.02,
  /** A wait this many times the target wakes somebody, however few it hits. */
  pageTimesTarget: 3,
};

/** The headline is over its target: what a customer feels. */
export const lateMail = defineRule({
  id,
  defaults,
  emptyMemory: null,
  evaluate(input, memory, options) {
    const { delay } = input.sections;
    const level = levelOfDelay(input, options.clearShare);
    const seconds = delay.headlineSeconds ?? 0;
    const share = delay.lateShare ?? 0;
    const pages = share >= options.pageLateShare || seconds >= options.pageTimesTarget * input.targetSeconds;
    // Nobody asks why mail is on time, and the stages are added up for who asks.
    const slowest = level === "clear" ? null : slowestStage(input.sections.stages);
    return {
      memory,
      signals: [
        signal(
          id,
          null,
          {
            level,
            cause: causeOf(input, slowest?.name),
            severity: pages ? "page" : "ticket",
            forSeconds: options.forSeconds,
            startedAtMs: delay.lateSinceMs,
          },
          () => ({
            title: sentence("delay.late"),
            evidence: lines(
              sentence("delay.late-by", { seconds, target: input.targetSeconds, atLeast: delay.atLeast }),
              delay.lateShare !== null &&
                (delay.typicalSeconds === null
                  ? sentence("delay.late-share", { share })
                  : sentence("delay.late-share-typical", { share, typical: delay.typicalSeconds })),
              waitsAt(input.sections.queues),
              slowest !== null &&
                sentence("delay.slowest-stage", { stage: slowest.name, seconds: slowest.medianSeconds ?? 0 }),
              delay.recovery.notBeforeMs !== null && sentence("delay.not-before", { atMs: delay.recovery.notBeforeMs }),
            ),
            actions: hostActions(input, null, backlogSteps),
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
        cause: "capacity",
        severity: "page",
        startedAtMs: atMs - 31 * 60_000,
      },
      () => ({
        title: sentence("delay.late"),
        evidence: [
          sentence("delay.late-by", { seconds: 1860, target: 300, atLeast: false }),
          sentence("delay.late-share-typical", { share: 0.36, typical: 14 }),
          sentence("delay.not-before", { atMs: atMs + 5 * 3_600_000 }),
        ],
        actions: sampleActions(backlogSteps),
      }),
    ),
  ],
});

function levelOfDelay(
  { sections: { delay }, targetSeconds }: RuleInput,
  clearShare: number,
): ReturnType<typeof levelOf> {
  const { headlineSeconds, verdict, atLeast, roundTrip } = delay;
  // Too few mails for a headline is a quiet night, not a fault; not knowing is neither.
  if (headlineSeconds === null || roundTrip?.isHeadline === true) return verdict === "unknown" ? "unknown" : "clear";
  const level = levelOf(headlineSeconds, targetSeconds, targetSeconds * clearShare);
  return level !== "bad" && (atLeast || verdict === "unknown") ? "unknown" : level;
}

/** The stage in which the median delivery of the last minutes spends the most, where that is a wait worth naming. */
function slowestStage({ stages }: StageSection): StageSection["stages"][number] | null {
  const slowest = stages.reduce<StageSection["stages"][number] | null>(
    (most, stage) => ((stage.medianSeconds ?? 0) > (most?.medianSeconds ?? 0) ? stage : most),
    null,
  );
  return slowest !== null && (slowest.medianSeconds ?? 0) >= 1 ? slowest : null;
}

function causeOf({ sections: { delay } }: RuleInput, stage: string | undefined): Cause {
  if (delay.expected.notMovingSinceMs !== null) return "no-departures";
  return stage === "connectionSetup" || stage === "transmission" ? "delivery-slow" : "capacity";
}
