import type { Seconds } from "@mailtide/shared";

/** What the processor took for it, however much else the machine had to do meanwhile. */
export function processorSeconds(work: () => void): Seconds {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The least of a few runs: in one of them nothing is compiled and no garbage is collected. */
export function leastSeconds(work: () => void, runs = 3): Seconds {
  return Math.min(...Array.from({ length: runs }, () => processorSeconds(work)));
}

export interface Doubled {
  readonly half: Seconds;
  readonly whole: Seconds;
  /** Twice as much costs at most two and a half times. */
  readonly isLinear: boolean;
}

/**
 * What a work costs beside the half of it, each by the least of many runs that take turns, so that both have a share of the
 * machine's good moments. There are more runs only as long as it looks as if the work grew faster than its length.
 */
export function doubled(half: () => void, whole: () => void): Doubled {
  let [halfSeconds, wholeSeconds] = [Infinity, Infinity];
  const isLinear = (): boolean => wholeSeconds < 2.5 * halfSeconds + grain;
  for (let run = 0; run < 3 || (run < 40 && !isLinear()); run += 1) {
    wholeSeconds = Math.min(wholeSeconds, processorSeconds(whole));
    // Nothing that takes no time takes too long.
    if (wholeSeconds < grain) return { half: Math.min(halfSeconds, wholeSeconds), whole: wholeSeconds, isLinear: true };
    halfSeconds = Math.min(halfSeconds, processorSeconds(half));
  }
  return { half: halfSeconds, whole: wholeSeconds, isLinear: isLinear() };
}

/** Below it the clock decides, and what was done just before, not the work. */
const grain: Seconds = 0.005;

/** The most that the processor took between two turns of the event loop, while something is under way. */
export async function longestTurn(work: () => Promise<unknown>): Promise<Seconds> {
  let [longest, before] = [0, process.cpuUsage()];
  const look = (): void => {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1e6);
    before = process.cpuUsage();
  };
  const looking = setInterval(look, 1);
  try {
    await work();
  } finally {
    clearInterval(looking);
    look();
  }
  return longest;
}
