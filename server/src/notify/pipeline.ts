import type { EpochMs, Millis } from "@mailtide/shared";
import { setTimeout as sleep } from "node:timers/promises";
import type { OutboxRow, Settlement, StateStore } from "../store/state.ts";
import { backoffMs } from "./backoff.ts";
import type { Notifier, SendResult } from "./notifier.ts";
import { deadline, inOrder, pace, points, send } from "./stages.ts";

export interface PipelineOptions {
  readonly store: Pick<StateStore, "dueNotifications" | "settleNotification">;
  readonly notifiers: readonly Notifier[];
  /** The real clock: notifications leave in real time. */
  readonly now: () => EpochMs;
  /** Named moments for crash tests: before-send, after-send, before-mark. */
  readonly point?: (name: string) => void;
  /** After every settled attempt, for the log, the metrics and "page sent at". */
  readonly onSettled?: (row: OutboxRow, settlement: Settlement) => void;
  /** The outbox could not be read or marked; it is tried again. */
  readonly onTrouble?: (error: unknown) => void;
  readonly random?: () => number;
  readonly deadlineMs?: Millis;
  readonly everyMs?: Millis;
  readonly pollMs?: Millis;
}

/** Keys of one notifier that are worked at the same time. */
const atOnce = 4;

/**
 * Works the outbox: the one owner of retry, back-off, order and rate.
 *
 * Each notifier has a lane of its own, so that one that hangs delays no other. Within a key the order of the outbox holds,
 * because the store gives a key's next row only once the one before is settled. A row is marked after it was sent: a crash
 * in between sends it again under the same key, which the receiver takes for the same.
 */
export class NotifyPipeline {
  readonly #options: PipelineOptions;
  readonly #run: ReturnType<typeof inOrder>;
  readonly #stop = new AbortController();
  #lanes: Promise<unknown> | null = null;
  #wake = new AbortController();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#run = inOrder([
      pace(options.everyMs ?? 1000, options.now),
      points(options.point ?? nothing),
      deadline(options.deadlineMs ?? 10_000),
      send,
    ]);
  }

  start(): void {
    this.#lanes ??= Promise.all(this.#options.notifiers.map((notifier) => this.#lane(notifier)));
  }

  /** There is something new in the outbox. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Ends after the attempts in flight, which are cut short. Safe twice and without start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#lanes;
  }

  async #lane(notifier: Notifier): Promise<void> {
    const { store, now, onTrouble = nothing, pollMs = 1000 } = this.#options;
    while (!this.#stop.signal.aborted) {
      // Taken before looking, so that a wake during the look is not missed.
      const wake = this.#wake.signal;
      let worked = 0;
      try {
        const rows = await store.dueNotifications(notifier.id, now(), atOnce);
        worked = rows.length;
        await Promise.all(rows.map((row) => this.#work(row, notifier)));
      } catch (error) {
        worked = 0;
        onTrouble(error);
      }
      if (worked === 0 && !this.#stop.signal.aborted) await sleep(pollMs, undefined, { signal: wake }).catch(nothing);
    }
  }

  async #work(row: OutboxRow, notifier: Notifier): Promise<void> {
    const { store, point = nothing, onSettled = nothing } = this.#options;
    const job = { row, notifier, signal: this.#stop.signal };
    const result = await this.#run(job).catch((error: unknown): SendResult => ({
      outcome: "retry",
      error: String(error),
    }));
    // An attempt that we cut short says nothing about the receiver: the next start takes it up again.
    if (this.#stop.signal.aborted && result.outcome === "retry") return;
    const settlement = this.#settle(result, row);
    point("before-mark");
    await store.settleNotification(row.id, settlement);
    onSettled(row, settlement);
  }

  #settle(result: SendResult, row: OutboxRow): Settlement {
    const { now, random = Math.random } = this.#options;
    const atMs = now();
    if (result.outcome === "sent") return { outcome: "sent", atMs };
    const error = result.error.slice(0, 500);
    if (result.outcome === "refused") return { outcome: "refused", atMs, error };
    return { outcome: "retry", notBeforeMs: atMs + backoffMs(row.attempts + 1, result.afterSeconds, random), error };
  }
}

function nothing(): void {}
