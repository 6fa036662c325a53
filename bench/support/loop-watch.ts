import { closeSync, openSync, readSync } from "node:fs";
import { PerformanceObserver, performance } from "node:perf_hooks";
import { setImmediate as immediate } from "node:timers/promises";

/** All in milliseconds. */
export interface LoopFigures {
  /** The longest time between two turns of the event loop, by the clock on the wall. */
  readonly stall: number;
  /** The longest time between two turns in which this thread had the processor: what was its own doing. */
  readonly own: number;
  /** The longest collection of garbage, on the wall; the second, of the young alone. */
  readonly collection: number;
  readonly scavenge: number;
}

/**
 * Watches the event loop by a timer of one millisecond, which a turn of the loop runs once. The kernel says how long the
 * main thread had the processor and how long it waited for one that others had (proc(5), `/proc/PID/schedstat`).
 */
export function watchLoop(): { end(): Promise<LoopFigures> } {
  const file = openSync("/proc/self/schedstat", "r");
  const buffer = Buffer.alloc(128);
  const ranMs = (): number =>
    Number.parseInt(buffer.toString("latin1", 0, readSync(file, buffer, 0, 128, 0)), 10) / 1e6;
  let [stall, own, collection, scavenge] = [0, 0, 0, 0];
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(note));
  const note = ({ duration, detail }: { readonly duration: number; readonly detail?: unknown }): void => {
    collection = Math.max(collection, duration);
    if ((detail as { kind?: number } | undefined)?.kind === 1) scavenge = Math.max(scavenge, duration);
  };
  observer.observe({ entryTypes: ["gc"] });
  let [lastMs, lastRanMs] = [performance.now(), ranMs()];
  const look = (): void => {
    const [nowMs, nowRanMs] = [performance.now(), ranMs()];
    stall = Math.max(stall, nowMs - lastMs);
    own = Math.max(own, nowRanMs - lastRanMs);
    [lastMs, lastRanMs] = [nowMs, nowRanMs];
  };
  const timer = setInterval(look, 1);
  return {
    async end() {
      await immediate();
      look();
      clearInterval(timer);
      await immediate();
      observer.takeRecords().forEach(note);
      observer.disconnect();
      closeSync(file);
      return { stall, own, collection, scavenge };
    },
  };
}
