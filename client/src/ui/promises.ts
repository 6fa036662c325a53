import type { EpochMs, LiveState } from "@mailtide/shared";
import { text } from "../text/en.ts";
import { duration, shortDuration } from "./duration.ts";
import type { Formats } from "./format.ts";

export type RecoveryWords = { readonly label: string; readonly time: string; readonly range: string | null };

/** What stands where the end of the delay is promised; null when nothing is late. */
export function recoveryWords(
  { recovery, verdict }: LiveState["delay"],
  formats: Formats,
  nowMs: EpochMs,
): RecoveryWords | null {
  const { state, atMs, notBeforeMs, lowMs, highMs } = recovery;
  const near = (ms: EpochMs) => formats.timeNear(ms, nowMs);
  // That something is late is then not known either.
  if (state === "none" || (verdict === "estimate" && state === "unknown")) return null;
  if (state === "not-recovering") return { label: text.recovery.again, time: text.recovery.none, range: null };
  if (atMs !== null) {
    const range = lowMs !== null && highMs !== null ? text.recovery.between(near(lowMs), near(highMs)) : null;
    return { label: text.recovery.about, time: near(atMs), range };
  }
  if (notBeforeMs !== null) return { label: text.recovery.notBefore, time: near(notBeforeMs), range: null };
  return { label: text.recovery.again, time: text.recovery.unknown, range: null };
}

export interface ExpectedWords {
  readonly label: string;
  readonly seconds: number | null;
  readonly words: string | null;
  readonly range: string | null;
}

/** What becomes of a mail accepted now. */
export function expectedWords({ expected }: LiveState["delay"], nowMs: EpochMs): ExpectedWords {
  if (expected.notMovingSinceMs !== null) {
    const length = duration((nowMs - expected.notMovingSinceMs) / 1000);
    return {
      label: text.expected.labelStopped,
      seconds: null,
      words: text.expected.notMoving,
      range: text.expected.notMovingFor(length),
    };
  }
  if (expected.seconds === null)
    return { label: text.expected.label, seconds: null, words: text.expected.unknown, range: null };
  const { lowSeconds, highSeconds } = expected;
  const range =
    lowSeconds !== null && highSeconds !== null
      ? text.expected.range(shortDuration(lowSeconds), shortDuration(highSeconds))
      : null;
  return { label: text.expected.label, seconds: expected.seconds, words: null, range };
}
