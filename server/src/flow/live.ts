import type { EpochMs } from "@mailtide/shared";
import type { Intake } from "./intake.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Requests } from "./requests.ts";

const turnEveryMs = 1_000;
const factsPerTurn = 10_000;
/** A clock that steps back by less is waited for; by more it is believed, and said in the log. */
const smallStepMs = 60_000;

export interface LiveDriverOptions {
  readonly pipeline: Pipeline;
  readonly intake: Intake;
  readonly requests: Requests;
  now(): EpochMs;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  clockStepped(backMs: number): void;
  /** The core or the store cannot go on; nothing turns after this. */
  failed(error: unknown): void;
}

/** Turns the pipeline once a second on the real clock, and without a pause while facts are waiting. */
export class LiveDriver {
  readonly #options: LiveDriverOptions;
  readonly #stop = new AbortController();
  #lastMs = 0;
  #running: Promise<void> | undefined;

  constructor(options: LiveDriverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.intake.close();
    this.#options.pipeline.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { intake, wait, failed } = this.#options;
    try {
      while (!this.#stop.signal.aborted) {
        const startedMs = performance.now();
        await this.#turn();
        const behind = intake.waitingFacts >= factsPerTurn;
        await wait(behind ? 0 : Math.max(turnEveryMs - (performance.now() - startedMs), 5), this.#stop.signal);
      }
      // What was already read and asked is made durable before we go.
      do await this.#turn();
      while (intake.waitingFacts > 0);
    } catch (error) {
      failed(error);
    }
  }

  async #turn(): Promise<void> {
    const { pipeline, intake, requests } = this.#options;
    const { commands, changes, pagesSent, done } = requests.take();
    const taken = intake.take(factsPerTurn);
    const nowMs = this.#steadyNow();
    const observations = [...taken.observations, ...changes, ...taken.health];
    await pipeline.turn({ nowMs, observations, commands, pagesSent }, taken.positions);
    taken.committed();
    done();
  }

  #steadyNow(): EpochMs {
    const wallMs = this.#options.now();
    const backMs = this.#lastMs - wallMs;
    if (backMs > smallStepMs) this.#options.clockStepped(backMs);
    this.#lastMs = backMs > 0 && backMs <= smallStepMs ? this.#lastMs : wallMs;
    return this.#lastMs;
  }
}
