import type { EpochMs } from "@mailtide/shared";
import type { Usage } from "./world.ts";

/** Counts what the platform asks of its dependencies. */
export interface UsageBook extends Usage {
  /** So many more, or fewer, wait for an answer. May be a part of one: a scan spends a part of its time on look-ups. */
  wait(dependency: string, step: number): void;
  refused(dependency: string): void;
}

export function createUsage(now: () => EpochMs): UsageBook {
  const waiting = new Map<string, number>();
  const refusals = new Map<string, { second: number; count: number; before: number }>();
  const current = (dependency: string) => {
    const second = Math.floor(now() / 1000);
    let known = refusals.get(dependency);
    if (known === undefined) {
      known = { second, count: 0, before: 0 };
      refusals.set(dependency, known);
    }
    if (known.second !== second) {
      known.before = known.second === second - 1 ? known.count : 0;
      known.count = 0;
      known.second = second;
    }
    return known;
  };
  return {
    waiting: (dependency) => Math.max(0, waiting.get(dependency) ?? 0),
    refusalsPerSecond: (dependency) => current(dependency).before,
    wait: (dependency, step) => void waiting.set(dependency, (waiting.get(dependency) ?? 0) + step),
    refused: (dependency) => void current(dependency).count++,
  };
}
