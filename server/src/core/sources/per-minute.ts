import type { EpochMs, PerSecond } from "@mailtide/shared";
import { countKind, type SourceCounts, type SourceKind } from "./slices.ts";

/** Exact totals of all sources over the last minute, by second. */
export class PerMinute {
  #seconds: { readonly second: number; readonly counts: SourceCounts }[] = [];

  add(kind: SourceKind, atMs: EpochMs, times: number): void {
    let last = this.#seconds.at(-1);
    const second = Math.max(Math.floor(atMs / 1000), last?.second ?? -Infinity);
    if (last?.second !== second) {
      last = { second, counts: { messages: 0, connections: 0, rejects: 0 } };
      this.#seconds.push(last);
      if (this.#seconds.length > 120) this.#seconds.shift();
    }
    countKind(last.counts, kind, times);
  }

  /** Per second, over the sixty whole seconds before `nowMs`. */
  rates(nowMs: EpochMs): Record<SourceKind, PerSecond> {
    const total = { messages: 0, connections: 0, rejects: 0 };
    const toSecond = Math.floor(nowMs / 1000);
    for (let at = 0; at < this.#seconds.length; at++) {
      const { second, counts } = this.#seconds[at] ?? none;
      if (second < toSecond - 60 || second >= toSecond) continue;
      total.messages += counts.messages / 60;
      total.connections += counts.connections / 60;
      total.rejects += counts.rejects / 60;
    }
    return total;
  }

  save(): unknown {
    return this.#seconds.map(({ second, counts }) => [second, counts.messages, counts.connections, counts.rejects]);
  }

  restore(saved: unknown): void {
    this.#seconds = (saved as number[][]).map(([second = 0, messages = 0, connections = 0, rejects = 0]) => ({
      second,
      counts: { messages, connections, rejects },
    }));
  }
}

const none = { second: -Infinity, counts: { messages: 0, connections: 0, rejects: 0 } };
