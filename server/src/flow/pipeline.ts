import type { EpochMs, LiveState } from "@mailtide/shared";
import type { Effect } from "../core/alert/signal.ts";
import type { TierName, Point } from "../core/measurement.ts";
import type { Tick } from "../core/observation.ts";
import type { Steps } from "../core/steps.ts";
import { inSlices } from "../loop/slice.ts";
import type { Commit, OutboxSummary, StateStore } from "../store/state.ts";
import { encodeTickInSteps } from "./journal.ts";

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
  /** A turn is durable. */
  committed?(turn: Pick<Commit, "journalSeq" | "journal"> & { readonly facts: number }): void;
  /** Named points for crash tests. */
  point(name: string): void;
  wait(milliseconds: number): Promise<void>;
}
export interface TurnFigures {
  readonly nowMs: EpochMs;
  readonly facts: number;
  readonly coreMs: number;
  readonly commitMs: number;
}

/**
 * One turn: facts -> core -> one durable commit -> screens. What a screen shows or a page says is always durable first.
 * Turns never overlap, and one with much to do lets the event loop run in between. A commit that fails is tried again until it holds: the core has moved on, so it must not be lost.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  #seq: number;
  #outbox: OutboxSummary = { waiting: 0, oldestAtMs: null, lastError: null, refused: 0 };

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#seq = options.journalSeq;
  }

  get journalSeq(): number {
    return this.#seq;
  }

  async turn(tick: Tick, positions: ReadonlyMap<string, unknown>): Promise<LiveState> {
    const started = performance.now();
    const result = await inSlices(this.#options.core.turnInSteps(tick));
    const cored = performance.now();
    await this.#commit(tick, result, positions);
    this.#options.point("after-commit");
    if (tick.nowMs % 5_000 < 1_000 || result.effects.length > 0)
      this.#outbox = await this.#options.state.outboxSummary();
    const state = withOutbox(result.state, this.#outbox, tick.nowMs);
    this.#options.publish(state);
    const figures = { nowMs: tick.nowMs, facts: tick.observations.length, coreMs: cored - started };
    this.#options.observe({ ...figures, commitMs: performance.now() - cored });
    return state;
  }

  async #commit(tick: Tick, result: TurnResult, positions: ReadonlyMap<string, unknown>): Promise<void> {
    const { state, notificationsFor, commitFailed, wait } = this.#options;
    const commit = {
      journalSeq: ++this.#seq,
      nowMs: tick.nowMs,
      journal: await inSlices(encodeTickInSteps(tick)),
      positions: new Map([...positions].map(([id, position]) => [id, JSON.stringify(position)])),
      points: result.points,
      notifications: notificationsFor(result.effects),
    };
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 15_000)) {
      try {
        await state.commit(commit);
        break;
      } catch (error) {
        commitFailed(error);
        await wait(pauseMs);
      }
    }
    this.#options.committed?.({ ...commit, facts: tick.observations.length });
  }
}

function withOutbox(state: LiveState, outbox: OutboxSummary, nowMs: EpochMs): LiveState {
  const { waiting, oldestAtMs, lastError } = outbox;
  const oldestSeconds = oldestAtMs === null ? null : Math.max(0, Math.round((nowMs - oldestAtMs) / 1000));
  const view = { waiting, oldestSeconds, failing: waiting > 0 ? lastError : null };
  return { ...state, incidents: { ...state.incidents, outbox: view } };
}
