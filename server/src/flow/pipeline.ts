import type { EpochMs, LiveState } from "@mailtide/shared";
import type { Effect } from "../core/alert/signal.ts";
import type { TierName, Point } from "../core/measurement.ts";
import type { Tick } from "../core/observation.ts";
import type { Steps } from "../core/steps.ts";
import { inSlices } from "../loop/slice.ts";
import type { Commit, OutboxSummary, StateStore } from "../store/state.ts";
import { encodeTickInSteps } from "./journal.ts";
import type { TurnStanding } from "./standing.ts";

/** The pure core as the flow sees it. */
export interface TurningCore {
  turnInSteps(tick: Tick): Steps<TurnResult>;
}
export interface TurnResult {
  readonly state: LiveState;
  readonly effects: readonly Effect[];
  readonly points: readonly { readonly tier: TierName; readonly points: readonly Point[] }[];
}

export interface PipelineOptions {
  readonly core: TurningCore;
  readonly state: StateStore;
  /** The sequence number of the last committed turn; the next is one more. */
  readonly journalSeq: number;
  /** Which notifier must tell which effect, in order. */
  notificationsFor(effects: readonly Effect[]): Commit["notifications"];
  publish(state: LiveState): void;
  /** Told of every turn and of commits that had to be tried again. */
  observe(turn: TurnFigures): void;
  commitFailed(error: unknown): void;
  /** The commit that failed holds now. */
  commitHolds?(): void;
  /** A turn is durable. */
  committed?(turn: Pick<Commit, "journalSeq" | "journal"> & { readonly facts: number }): void;
  /** Named points for crash tests. */
  point(name: string): void;
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
export interface TurnFigures {
  readonly nowMs: EpochMs;
  readonly facts: number;
  readonly coreMs: number;
  readonly commitMs: number;
}

const giveUpAfterMs = 5_000;

/**
 * One turn: facts -> core -> one durable commit -> screens. What a screen shows or a page says is always durable first.
 * Turns never overlap, and one with much to do lets the event loop run in between. A commit that fails is tried again until it holds: the core has moved on, so it must not be lost.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  #seq: number;
  readonly #ending = new AbortController();
  #giveUpMs = Infinity;
  #doing: TurnStanding["doing"] = "nothing";
  #doingSinceMs = performance.now();
  #problem: unknown = null;
  #outbox: OutboxSummary = { waiting: 0, oldestAtMs: null, lastError: null, refused: 0 };

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#seq = options.journalSeq;
  }

  get journalSeq(): number {
    return this.#seq;
  }

  standing(): TurnStanding {
    return { doing: this.#doing, forMs: performance.now() - this.#doingSinceMs, problem: this.#problem };
  }

  /** From now on a turn that cannot be stored is given up soon: its sources are read again at the next start. */
  end(): void {
    this.#giveUpMs = performance.now() + giveUpAfterMs;
    this.#ending.abort();
  }

  async turn(tick: Tick, positions: ReadonlyMap<string, unknown>): Promise<LiveState> {
    const started = performance.now();
    this.#begin("judging");
    const result = await inSlices(this.#options.core.turnInSteps(tick));
    const cored = performance.now();
    this.#begin("storing");
    await this.#commit(tick, result, positions);
    this.#options.point("after-commit");
    if (tick.nowMs % 5_000 < 1_000 || result.effects.length > 0)
      this.#outbox = await this.#options.state.outboxSummary();
    const state = withOutbox(result.state, this.#outbox, tick.nowMs);
    this.#options.publish(state);
    const figures = { nowMs: tick.nowMs, facts: tick.observations.length, coreMs: cored - started };
    this.#options.observe({ ...figures, commitMs: performance.now() - cored });
    this.#begin("nothing");
    return state;
  }

  #begin(doing: TurnStanding["doing"]): void {
    this.#doing = doing;
    this.#doingSinceMs = performance.now();
  }

  async #commit(tick: Tick, result: TurnResult, positions: ReadonlyMap<string, unknown>): Promise<void> {
    const { notificationsFor } = this.#options;
    const commit = {
      journalSeq: ++this.#seq,
      nowMs: tick.nowMs,
      journal: await inSlices(encodeTickInSteps(tick)),
      positions: new Map([...positions].map(([id, position]) => [id, JSON.stringify(position)])),
      points: result.points,
      notifications: notificationsFor(result.effects),
    };
    await this.#store(commit);
    this.#options.committed?.({ ...commit, facts: tick.observations.length });
  }

  async #store(commit: Commit): Promise<void> {
    const { state, commitFailed, commitHolds, wait } = this.#options;
    const ending = this.#ending.signal;
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 15_000)) {
      try {
        await state.commit(commit);
        break;
      } catch (error) {
        this.#problem = error;
        if (performance.now() > this.#giveUpMs)
          throw new Error(`the last turn could not be stored: ${(error as Error).message}`, { cause: error });
        commitFailed(error);
        await (ending.aborted ? wait(250) : wait(pauseMs, ending));
      }
    }
    if (this.#problem === null) return;
    this.#problem = null;
    commitHolds?.();
  }
}

function withOutbox(state: LiveState, outbox: OutboxSummary, nowMs: EpochMs): LiveState {
  const { waiting, oldestAtMs, lastError } = outbox;
  const oldestSeconds = oldestAtMs === null ? null : Math.max(0, Math.round((nowMs - oldestAtMs) / 1000));
  const view = { waiting, oldestSeconds, failing: waiting > 0 ? lastError : null };
  return { ...state, incidents: { ...state.incidents, outbox: view } };
}
