import type {
  AlertState,
  DelayEstimate,
  DelaySection,
  DelayVerdict,
  EpochMs,
  IncidentView,
  LiveState,
  RoundTripView,
  Seconds,
} from "@mailtide/shared";
import { text } from "../text/en.ts";
import { duration } from "./duration.ts";
import { isAttack } from "./meaning.ts";
import type { Meaning } from "./meaning.ts";

/** The one sentence that stands first. */
export interface Verdict {
  readonly meaning: Meaning;
  readonly words: string;
  /** A shape beside the word, so that colour is never alone. */
  readonly shape: "calm" | "rising" | "steady" | "falling" | "unknown";
}

/** What has to be said with a figure, or it would claim too much. */
export type Bound = keyof typeof text.figure.bounds;

/** What stands in the headline's place. */
export type Figure =
  | {
      readonly kind: "duration";
      readonly seconds: Seconds;
      readonly bound: Bound | null;
      readonly caption: string;
    }
  | { readonly kind: "words"; readonly words: string; readonly caption: string | null };

type Known = Pick<LiveState, "delay" | "incidents">;

/** Says what the server's verdict means; where mail is on time, what else is wrong. */
export function readVerdict(state: Known, nowMs: EpochMs): Verdict {
  const { atSenders } = state.delay;
  const verdict = verdictHere(state, nowMs);
  if (atSenders === undefined || !atSenders.leads || atSenders.seconds === null) return verdict;
  // Longer than anything that waits here.
  const meaning = verdict.meaning === "severe" ? "severe" : "late";
  return { meaning, shape: "steady", words: text.verdict.atSenders(duration(atSenders.seconds)) };
}

function verdictHere(state: Known, nowMs: EpochMs): Verdict {
  const { delay } = state;
  if (delay.verdict === "late") return lateVerdict(delay, nowMs);
  if (delay.verdict === "on-time") return onTimeVerdict(state.incidents.incidents.filter(isOpen));
  if (delay.verdict === "unknown" && delay.roundTrip?.state === "failing") return roundTripVerdict(delay.roundTrip);
  // Longer than it takes and not yet too long: neither calm nor a fault.
  if (delay.verdict === "quiet" && delay.roundTrip?.isSoFar === true) return awaited;
  return otherVerdicts[delay.verdict];
}

const otherVerdicts: Readonly<Record<Exclude<DelayVerdict, "late" | "on-time">, Verdict>> = {
  quiet: { meaning: "calm", shape: "calm", words: text.verdict.quiet },
  estimate: { meaning: "unknown", shape: "unknown", words: text.verdict.estimate },
  "no-traffic": { meaning: "unknown", shape: "unknown", words: text.verdict.noTraffic },
  unknown: { meaning: "unknown", shape: "unknown", words: text.verdict.unknown },
};

export function readFigure(state: Known): Figure {
  const { delay } = state;
  const bound = delay.atLeast ? "at-least" : delay.atMost ? "at-most" : null;
  const known = delay.headlineSeconds;
  if (delay.verdict === "no-traffic") return { kind: "words", words: text.figure.noTraffic, caption: null };
  if (delay.roundTrip?.isHeadline === true && known !== null) {
    const caption = delay.roundTrip.isSoFar ? text.figure.roundTripSoFar : text.figure.roundTrip;
    return { kind: "duration", seconds: known, bound, caption };
  }
  const { estimate } = delay;
  if (delay.verdict === "estimate" && estimate !== undefined && (known ?? 0) <= (estimate.seconds ?? 0))
    return estimateFigure(estimate);
  if (known !== null && (delay.verdict !== "on-time" || known >= 1)) {
    const caption = delay.verdict === "on-time" ? text.figure.longest : text.figure.headline;
    return { kind: "duration", seconds: known, bound: delay.verdict === "unknown" ? "at-least" : bound, caption };
  }
  if (delay.verdict === "on-time" && delay.typicalSeconds !== null) {
    return { kind: "duration", seconds: delay.typicalSeconds, bound: null, caption: text.figure.typical };
  }
  return {
    kind: "words",
    words: delay.verdict === "on-time" ? text.figure.onTime : text.figure.unknown,
    caption: null,
  };
}

/** From counts of queues alone. Where it may be less and may be more, neither is claimed. */
function estimateFigure({ nodes, seconds, atMost, atLeast }: DelayEstimate): Figure {
  const caption = text.figure.estimateOf(nodes);
  if (seconds === null) return { kind: "words", words: text.figure.noAge, caption };
  const bound = atMost === atLeast ? "estimate" : atMost ? "estimate-at-most" : "estimate-at-least";
  return { kind: "duration", seconds, bound, caption };
}

export const isOpen = (incident: IncidentView): boolean => incident.state !== "resolved";

function lateVerdict(delay: DelaySection, nowMs: EpochMs): Verdict {
  const stoppedMs = delay.expected.notMovingSinceMs;
  if (stoppedMs !== null) {
    const words = text.verdict.notMoving(duration((nowMs - stoppedMs) / 1000));
    return { meaning: "severe", shape: "rising", words };
  }
  const meaning = delay.recovery.state === "not-recovering" ? "severe" : "late";
  if (delay.tendency === "rising") return { meaning, shape: "rising", words: text.verdict.lateRising };
  if (delay.tendency === "falling") return { meaning, shape: "falling", words: text.verdict.lateFalling };
  return { meaning, shape: "steady", words: text.verdict.late };
}

function onTimeVerdict(open: readonly IncidentView[]): Verdict {
  // Nothing of what waits at its senders is in any number here.
  const refusing = open.filter(({ alerts }) =>
    alerts.some(({ rule, state }) => rule === "refused-by-us" && isFired(state)),
  );
  if (refusing.length > 0) {
    const pages = refusing.some(({ severity }) => severity === "page");
    return { meaning: pages ? "severe" : "late", shape: "steady", words: text.verdict.onTimeRefusing };
  }
  const late = lateNodes(open);
  if (late.length > 0) {
    const pages = open.some(({ severity }) => severity === "page");
    const words = late.length === 1 ? text.verdict.onTimeBut(late[0] ?? "") : text.verdict.onTimeButSome(late.length);
    return { meaning: pages ? "severe" : "late", shape: "steady", words };
  }
  if (open.some(({ severity }) => severity === "page")) {
    return { meaning: "severe", shape: "steady", words: text.verdict.onTimeTrouble };
  }
  if (open.some(({ alerts }) => alerts.some(({ cause, state }) => isAttack(cause) && state !== "resolved"))) {
    return { meaning: "attack", shape: "steady", words: text.verdict.onTimeAttack };
  }
  return { meaning: "calm", shape: "calm", words: text.verdict.onTime };
}

/** Hosts of which an alert says that their own mail is late. */
const lateNodes = (open: readonly IncidentView[]): readonly string[] =>
  open.flatMap(({ alerts }) =>
    alerts.flatMap(({ rule, node, state }) => (rule === "late-host" && node !== null && isFired(state) ? [node] : [])),
  );

const isFired = (state: AlertState): boolean => state === "firing" || state === "acknowledged";

const awaited: Verdict = { meaning: "unknown", shape: "unknown", words: text.verdict.roundTripAwaited };

/** The log says that all is well, and our own test mail does not: that is no calm, and no mere gap in the data. */
function roundTripVerdict({ isRefused, isUnreadable = false, isMisfiled = false }: RoundTripView): Verdict {
  const { roundTripRefused, roundTripUnreadable, roundTripMisfiled, roundTripMissing } = text.verdict;
  const missing = isMisfiled ? roundTripMisfiled : roundTripMissing;
  const words = isRefused ? roundTripRefused : isUnreadable ? roundTripUnreadable : missing;
  return { meaning: "late", shape: "unknown", words };
}
