import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "@mailtide/shared";
import type { Show, Shown } from "./show.ts";

/** Smooth enough for a clock that runs a hundredfold, and a slider that answers under the finger. */
export const lookEveryMs: Millis = 200;
/** A screen that hears nothing for three seconds says so. */
const signOfLifeEveryMs: Millis = 1_000;

/** Hands on what the show shows: when it changed, at once when somebody moved it, and once a second in any case. */
export class Presenter {
  readonly #show: Show;
  readonly #publish: (shown: Shown) => void;
  readonly #stop = new AbortController();
  #pause = new AbortController();
  #running: Promise<void> | null = null;

  constructor(show: Show, publish: (shown: Shown) => void) {
    this.#show = show;
    this.#publish = publish;
  }

  /** Settles after `stop`; rejects when what was kept can no longer be read. */
  run(): Promise<void> {
    this.#running ??= this.#present();
    return this.#running;
  }

  /** Something was moved: do not wait for the next look. */
  look(): void {
    this.#pause.abort();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    await this.#running?.catch(() => undefined);
  }

  async #present(): Promise<void> {
    let told = "";
    let toldMs = -Infinity;
    while (!this.#stop.signal.aborted) {
      this.#pause = new AbortController();
      const shown = await this.#show.at(performance.now());
      const what = JSON.stringify([shown?.state.transport, shown?.state.recording?.marks.length]);
      const isDue = shown?.cut === true || what !== told || performance.now() - toldMs >= signOfLifeEveryMs;
      if (shown !== null && isDue) {
        this.#publish(shown);
        told = what;
        toldMs = performance.now();
      }
      // A move while we looked has aborted this pause already.
      await sleep(lookEveryMs, undefined, { signal: this.#pause.signal }).catch(() => undefined);
    }
  }
}
