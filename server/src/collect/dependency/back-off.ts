import type { Seconds } from "@mailtide/shared";

/** How often to ask, by how it went: an interval that grows while a dependency keeps failing. */
export interface BackOff {
  readonly everySeconds: Seconds;
  /** As far as it grows. */
  readonly longestSeconds: Seconds;
  tried(ok: boolean): void;
}

/**
 * What fails is asked less and less often, so that probing never holds down what tries to get up: after three failures in
 * a row by one interval more each time, up to six times the interval and at most a minute, whichever of both is the less;
 * an interval that is longer than that stays. One answer, and it is asked as before.
 */
export function backedOff(everySeconds: Seconds): BackOff {
  let failures = 0;
  const longestSeconds = Math.max(everySeconds, Math.min(mostTimes * everySeconds, 60));
  return {
    get everySeconds() {
      const times = failures < patience ? 1 : failures - patience + 2;
      return Math.min(longestSeconds, times * everySeconds);
    },
    longestSeconds,
    tried(ok) {
      failures = ok ? 0 : failures + 1;
    },
  };
}

/** Failures in a row before it is asked less often. */
const patience = 3;
const mostTimes = 6;
