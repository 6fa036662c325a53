import type { CollectorId, EpochMs, IncidentId } from "@mailtide/shared";
import type { Command } from "../core/alert/signal.ts";
import type { Observation } from "../core/observation.ts";
import { Intake } from "./intake.ts";
import type { Pipeline } from "./pipeline.ts";

const turnEveryMs = 1_000;
const factsPerTurn = 10_000;
/** A clock that steps back by less is waited for; by more it is believed, and said in the log. */
const smallStepMs = 60_000;

export interface LiveDriverOptions {
  readonly pipeline: Pipeline;
  readonly intake: Intake;
  now(): EpochMs;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  clockStepped(backMs: number): void;
  failed(error: unknown): void;
}

/** Turns the pipeline once a second on the real clock, and without a pause while facts are waiting. */
export class LiveDriver {
  readonly #options: LiveDriverOptions;
  readonly #stop = new AbortController();
  readonly #health = new Map<CollectorId, Observation>();
  #changes: Observation[] = [];
  #commands: Command[] = [];
  #pagesSent: { incident: IncidentId; atMs: EpochMs }[] = [];
  #committed: (() => void)[] = [];
  #lastMs = 0;
  #running: Promise<void> | undefined;
  lastTurnMs: EpochMs | null = null;

  constructor(options: LiveDriverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The newest word of each collector since the last turn; older ones say nothing more. */
  health(collector: CollectorId, observation: Observation): void {
    this.#health.set(collector, observation);
  }

  pageSent(incident: IncidentId, atMs: EpochMs): void {
    this.#pagesSent.push({ incident, atMs });
  }

  /** Resolves when the command is durable. */
  async command(command: Command): Promise<void> {
    this.#commands.push(command);
    await this.#nextCommit();
  }

  /** Resolves when the change is durable. */
  async change(observation: Observation): Promise<void> {
    this.#changes.push(observation);
    await this.#nextCommit();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#options.intake.close();
    await this.#running;
  }

  #nextCommit(): Promise<void> {
    return new Promise((resolve) => this.#committed.push(resolve));
  }

  async #run(): Promise<void> {
    const { intake, wait, failed } = this.#options;
    while (!this.#stop.signal.aborted) {
      const startedMs = performance.now();
      try {
        await this.#turn();
      } catch (error) {
        failed(error);
        return;
      }
      if (intake.waitingFacts >= factsPerTurn) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      await wait(Math.max(turnEveryMs - (performance.now() - startedMs), 5), this.#stop.signal);
    }
    // What was already read and has effects is made durable before we go.
    await this.#turn().catch(failed);
  }

  async #turn(): Promise<void> {
    const { pipeline, intake } = this.#options;
    const committed = this.#committed;
    const commands = this.#commands;
    const pagesSent = this.#pagesSent;
    const changes = this.#changes;
    const health = [...this.#health.values()];
    this.#committed = [];
    this.#commands = [];
    this.#pagesSent = [];
    this.#changes = [];
    this.#health.clear();
    const taken = intake.take(factsPerTurn);
    const nowMs = this.#steadyNow();
    const observations = [...taken.observations, ...changes, ...health];
    await pipeline.turn({ nowMs, observations, commands, pagesSent }, taken.positions);
    this.lastTurnMs = nowMs;
    for (const resolve of committed) resolve();
  }

  #steadyNow(): EpochMs {
    const wallMs = this.#options.now();
    const backMs = this.#lastMs - wallMs;
    if (backMs > smallStepMs) this.#options.clockStepped(backMs);
    this.#lastMs = backMs > 0 && backMs <= smallStepMs ? this.#lastMs : wallMs;
    return this.#lastMs;
  }
}
