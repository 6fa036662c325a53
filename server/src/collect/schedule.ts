import type { CollectorId, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { HealthObservation } from "../core/observation.ts";
import type { Batch, Collector, CollectorContext, KnownIds, PollCollector } from "./collector.ts";

export interface ScheduleOptions {
  readonly collectors: readonly Collector[];
  /** Committed positions, JSON. */
  readonly positions: ReadonlyMap<string, string>;
  now(): EpochMs;
  /** Monotonic milliseconds, for durations. */
  monotonicMs(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  sink(collector: CollectorId, batch: Batch): Promise<void>;
  health(observation: HealthObservation): void;
  knownIds(node: NodeId, asking: CollectorId): KnownIds;
  point(name: string): void;
  /** A poll ended; `late` is one whose result came after its deadline and was dropped. */
  polled?(collector: CollectorId, outcome: "ok" | "failed" | "late", seconds: Seconds): void;
  /** A poll failed, and not with the words of the one before. */
  failed(collector: CollectorId, error: unknown): void;
}

/**
 * Runs every collector: a poll never overlaps itself and the pause begins at its end, so that a slow source is asked less
 * often, not more. Stop is idempotent and waits for what is in flight.
 */
export class Schedule {
  readonly #options: ScheduleOptions;
  readonly #stop = new AbortController();
  readonly #loops: Promise<void>[] = [];
  /** Why a collector's last poll failed; not there when it did not. */
  readonly #problems = new Map<CollectorId, string>();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (const collector of this.#options.collectors) {
      await collector.start(this.#context(collector));
      if (collector.kind === "poll") this.#loops.push(this.#loop(collector));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#options.collectors.map((collector) => collector.stop()));
    await Promise.all(this.#loops);
  }

  async #loop(collector: PollCollector): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#poll(collector);
      await this.#options.wait(collector.everySeconds * 1000, this.#stop.signal);
    }
  }

  async #poll(collector: PollCollector): Promise<void> {
    const { monotonicMs, sink, failed } = this.#options;
    const startedMs = monotonicMs();
    const deadline = new AbortController();
    const giveUp = (): void => deadline.abort();
    this.#stop.signal.addEventListener("abort", giveUp, { once: true });
    const waiting = this.#options.wait(collector.deadlineSeconds * 1000, deadline.signal).then(giveUp);
    let outcome: "ok" | "failed" | "late" = "ok";
    try {
      const batch = await collector.poll(deadline.signal);
      const late = deadline.signal.aborted;
      deadline.abort();
      if (late && !this.#stop.signal.aborted) {
        outcome = "late";
        this.#health(collector, "failing", `gave no answer within ${collector.deadlineSeconds} s`);
      } else if (!late) {
        if (batch.observations.length > 0) await sink(collector.id, batch);
        this.#problems.delete(collector.id);
        this.#health(collector, "ok", null);
      }
    } catch (error) {
      outcome = "failed";
      if (!this.#stop.signal.aborted) {
        const problem = error instanceof Error ? error.message : String(error);
        if (this.#problems.get(collector.id) !== problem) failed(collector.id, error);
        this.#problems.set(collector.id, problem);
        this.#health(collector, "failing", problem);
      }
    } finally {
      deadline.abort();
      await waiting;
      this.#stop.signal.removeEventListener("abort", giveUp);
      const seconds = (monotonicMs() - startedMs) / 1000;
      if (!this.#stop.signal.aborted) this.#options.polled?.(collector.id, outcome, seconds);
    }
  }

  #context(collector: Collector): CollectorContext {
    const { positions, now, sink, knownIds, point } = this.#options;
    const saved = positions.get(collector.id);
    return {
      position: saved === undefined ? undefined : (JSON.parse(saved) as unknown),
      now,
      sink: (batch) => sink(collector.id, batch),
      health: (state, problem) => this.#health(collector, state, problem),
      knownIds: (node) => knownIds(node, collector.id),
      point,
    };
  }

  #health(collector: Collector, state: "ok" | "failing", problem: string | null): void {
    const { id, node, required, limitSeconds } = collector;
    const atMs = this.#options.now();
    const says = collector.kind === "poll" ? collector.says : null;
    const how = says == null ? {} : { says: says.slice(0, longestSaying) };
    // A program that fails may say a page of it.
    const why = problem?.slice(0, longestProblem) ?? null;
    const said = { collector: id, node, required, limitSeconds, state, problem: why, ...how };
    this.#options.health({ kind: "health", atMs, ...said });
  }
}

const longestSaying = 500;
const longestProblem = 1_000;
