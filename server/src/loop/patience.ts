import { once } from "node:events";
import type { Millis } from "@mailtide/shared";

/**
 * How long an answer is waited for. A time in which this process did not run (the host stood still, long work held the loop)
 * is no waiting: what came meanwhile is still unread, and who did not look cannot say that nothing came. So it is waited in
 * stretches, and of one that ends far too late only its own length counts, and there is another one behind it. Must be ended.
 */
export class Patience {
  readonly #fires = new AbortController();
  readonly #outer: AbortSignal;
  #leftMs: Millis;
  #beganMs: Millis = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `outer`: whoever may give up before. Listened to by hand: a signal made of it would be kept as long as it lives. */
  constructor(milliseconds: Millis, outer: AbortSignal) {
    this.#leftMs = milliseconds;
    this.#outer = outer;
    outer.addEventListener("abort", this.#giveUp, { once: true });
    if (outer.aborted) this.#giveUp();
    else this.#wait();
  }

  /** Fires when there is no patience left, or when somebody gives up before. */
  get signal(): AbortSignal {
    return this.#fires.signal;
  }

  /** It was waited in vain, and nobody gave up before. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get leftMs(): Millis {
    return this.#leftMs - Math.min(performance.now() - this.#beganMs, this.#leftMs, longestMs);
  }

  /** What is waited for, or `late()` thrown as soon as there is no patience left or somebody gives up. */
  before<T>(work: Promise<T>, late: () => Error): Promise<T> {
    const { signal } = this;
    const cut = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(late());
      else signal.addEventListener("abort", () => reject(late()), { once: true });
    });
    return Promise.race([work, cut]);
  }

  /** What was waited for has come. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = (): void => {
    this.end();
    this.#fires.abort();
  };

  #wait(): void {
    const stretchMs = Math.min(this.#leftMs, longestMs);
    this.#beganMs = performance.now();
    this.#timer = setTimeout(() => {
      const tookMs = performance.now() - this.#beganMs;
      const stoodStill = tookMs > stretchMs + longestMs;
      this.#leftMs = stoodStill ? Math.max(this.#leftMs - stretchMs, longestMs) : this.#leftMs - tookMs;
      if (this.#leftMs > 0) return this.#wait();
      this.#isOver = true;
      this.#giveUp();
    }, stretchMs);
  }
}

/** Resolves after so long, or at once when the signal aborts. */
export async function waitPatiently(milliseconds: Millis, signal: AbortSignal): Promise<void> {
  const patience = new Patience(milliseconds, signal);
  if (!patience.signal.aborted) await once(patience.signal, "abort");
}

/** One stretch, and how much later it may end on a host that is only busy. */
const longestMs: Millis = 250;
