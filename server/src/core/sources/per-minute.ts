import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { SourceKind } from "./slices.ts";

class Second {
  readonly second: number;
  messages: number;
  connections: number;
  rejects: number;

  constructor(second: number, messages = 0, connections = 0, rejects = 0) {
    this.second = second;
    this.messages = messages;
    this.connections = connections;
    this.rejects = rejects;
  }
}

/** Exact totals of all sources over the last minute, by second. */
export class PerMinute {
  #seconds: Second[] = [];
  #last = new Second(-Infinity);

  add(kind: SourceKind, atMs: EpochMs, times: number): void {
    const second = Math.floor(atMs / 1000);
    if (second > this.#last.second) {
      this.#last = new Second(second);
      this.#seconds.push(this.#last);
      if (this.#seconds.length > 120) this.#seconds.shift();
    }
    if (kind === "messages") this.#last.messages += times;
    else if (kind === "connections") this.#last.connections += times;
    else this.#last.rejects += times;
  }

  /** A message of that instant counts no more. It may have been counted a little later: within the minute that is the same. */
  takeBack(atMs: EpochMs): void {
    const second = Math.floor(atMs / 1000);
    for (let at = this.#seconds.length - 1; at >= 0; at--) {
      const counted = this.#seconds[at];
      if (counted === undefined || (counted.second > second && at > 0)) continue;
      counted.messages -= 1;
      return;
    }
  }

  /** Per second, over the sixty whole seconds before `nowMs`. */
  rates(nowMs: EpochMs): Record<SourceKind, PerSecond> {
    const total = { messages: 0, connections: 0, rejects: 0 };
    const toSecond = Math.floor(nowMs / 1000);
    for (const { second, messages, connections, rejects } of this.#seconds) {
      if (second < toSecond - 60 || second >= toSecond) continue;
      total.messages += messages / 60;
      total.connections += connections / 60;
      total.rejects += rejects / 60;
    }
    total.messages = Math.max(0, total.messages);
    return total;
  }

  save(): unknown {
    return this.#seconds.map(({ second, messages, connections, rejects }) => [second, messages, connections, rejects]);
  }

  restore(saved: unknown): void {
    this.#seconds = (saved as number[][]).map(([second = 0, ...counts]) => new Second(second, ...counts));
    this.#last = this.#seconds.at(-1) ?? new Second(-Infinity);
  }
}
