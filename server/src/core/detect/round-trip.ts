import type { Cause, DependencyView, Seconds, Sentence, Severity } from "@mailtide/shared";
import type { Signal } from "../alert/signal.ts";
import { sentence } from "../text/sentence.ts";
import { lines, signal } from "./build.ts";
import { hostActions, sampleActions, type Step } from "./host-actions.ts";
import { follow, type Since } from "./follow.ts";
import { impactOf, isHit } from "./impact.ts";
import { defineRule, type RuleInput } from "./rule.ts";

const id = "round-trip";
const defaults = {
  /** Counted from when the first of those that are missing was sent. */
  ticketAfterSeconds: 20,
  pageAfterSeconds: 600,
  /** Mail that is not even taken is everybody's. */
  refusedPageAfterSeconds: 180,
};

/** Our own mail does not come back through the platform: that is so whatever the log says. */
export const roundTrip = defineRule<typeof defaults, Since>({
  id,
  defaults,
  emptyMemory: {},
  evaluate(input, memory, options) {
    const trips = input.sections.dependencies.dependencies.filter(({ type }) => type === "roundtrip");
    const level = (view: DependencyView): Signal["level"] => levelOf(view, input.targetSeconds);
    return follow(trips, memory, input.nowMs, level, (view, said, startedAtMs) => {
      const { isRefused = false, isMisfiled = false } = view.trip ?? {};
      const lasted = (input.nowMs - (startedAtMs ?? input.nowMs)) / 1000;
      // By itself a wrong verdict on our own mail wakes nobody: mail flows.
      const missingPageAfter = isMisfiled ? Number.POSITIVE_INFINITY : options.pageAfterSeconds;
      const pageAfter = isRefused ? options.refusedPageAfterSeconds : missingPageAfter;
      const severity = severityOf(input, lasted, options.ticketAfterSeconds, pageAfter);
      const more = { level: said, cause: causeOf(input, isRefused), severity, startedAtMs };
      return signal(id, view.id, more, () => wordsFor(input, view));
    });
  },
  sample: (atMs) => [
    signal(
      id,
      "round-trip",
      { level: "bad", cause: "delivery-slow", severity: "page", startedAtMs: atMs - 12 * 60_000 },
      () => ({
        title: sentence("round-trip.late", { dependency: "round-trip" }),
        evidence: [sentence("round-trip.not-back", { seconds: 720 }), sentence("round-trip.log-says-well")],
        actions: sampleActions(steps),
      }),
    ),
  ],
});

function levelOf({ state, latencySeconds }: DependencyView, targetSeconds: Seconds): Signal["level"] {
  if (state === "unknown") return "unknown";
  return state === "failing" || (latencySeconds ?? 0) > targetSeconds ? "bad" : "clear";
}

/**
 * Mail that the platform does not take is mail that does not arrive; mail that it took and does not give back, while
 * nothing leaves, has the same cause as all that waits; else some way through it is slow, and the log does not show which.
 */
function causeOf({ sections: { delay } }: RuleInput, isRefused: boolean): Cause {
  if (isRefused) return "no-arrivals";
  return delay.expected.notMovingSinceMs === null ? "delivery-slow" : "no-departures";
}

function severityOf(input: RuleInput, lasted: Seconds, ticketAfter: Seconds, pageAfter: Seconds): Severity {
  if (lasted >= pageAfter || (lasted >= ticketAfter && isHit(impactOf(input)))) return "page";
  return lasted >= ticketAfter ? "ticket" : "info";
}

function wordsFor(
  input: RuleInput,
  { id: dependency, latencySeconds, note, trip }: DependencyView,
): Pick<Signal, "title" | "evidence" | "actions"> {
  const { delay, freshness } = input.sections;
  const { isRefused = false, isUnreadable = false, isMisfiled = false, isSoFar = false } = trip ?? {};
  const seconds = latencySeconds ?? 0;
  const how = isRefused ? "refused" : isUnreadable ? "unreadable" : isMisfiled ? "misfiled" : "late";
  return {
    title: sentence(`round-trip.${how}`, { dependency }),
    evidence: lines(
      isSoFar && sentence("round-trip.not-back", { seconds }),
      how === "late" && !isSoFar && sentence("round-trip.came-back", { seconds }),
      delay.verdict !== "late" && freshness.complete && how === "late" && whatLogSays(input, seconds),
      note,
    ),
    actions: hostActions(input, null, steps),
  };
}

/** Where it tells of mail that waits about as long, ours is waiting there, though none is late yet. */
function whatLogSays({ sections: { queues } }: RuleInput, missingSeconds: Seconds): Sentence {
  const { oldestSeconds } = queues.waiting.own;
  if (oldestSeconds === null || oldestSeconds < missingSeconds / 2) return sentence("round-trip.log-says-well");
  return sentence("round-trip.log-says-waits", { seconds: oldestSeconds });
}

const steps: readonly Step[] = ["show-queue", "check-mta"];
