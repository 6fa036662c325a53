import type { EpochMs } from "@mailtide/shared";
import type { Point, TierName } from "../core/measurement.ts";
import type { SeriesStore } from "../store/series.ts";
import type { SpoolRow, StateStore } from "../store/state.ts";

export interface ShipperOptions {
  readonly state: Pick<StateStore, "spooledPoints" | "forgetSpooled" | "spoolSummary">;
  readonly series: Pick<SeriesStore, "write">;
  readonly timer: ShipperTimer;
  /** A round failed, and not with the words of the one before; the points stay in the spool and are tried again. */
  failed(error: unknown): void;
  /** The first round that did not fail after one that did. */
  holds?(): void;
  /** Named points for crash tests: `points-before-forget`. */
  point?(name: string): void;
  /** Spooled rows a round. Default 100. */
  readonly batchRows?: number;
}
export interface ShipperTimer {
  now(): EpochMs;
  /** Resolves after so long, or at once when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}
export interface ShipperStatus {
  /** Rows of the spool that the series store does not have yet, as of the last look. */
  readonly behindRows: number;
  /** What keeps it from going on; null while all is well. */
  readonly lastError: string | null;
  readonly lastWrittenMs: EpochMs | null;
  /** Points that the series store can never take, since start. */
  readonly refusedPoints: number;
}

const idleMs = 1_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/**
 * Moves points from the durable spool to the series store, oldest first. A row is forgotten only after the store has it; a
 * crash in between writes it once more, which changes nothing. Whatever fails, nothing is skipped: it tries again.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #status: ShipperStatus = { behindRows: 0, lastError: null, lastWrittenMs: null, refusedPoints: 0 };

  constructor(options: ShipperOptions) {
    this.#options = options;
  }

  get status(): ShipperStatus {
    return this.#status;
  }

  start(): void {
    if (!this.#stop.signal.aborted) this.#running ??= this.#run();
  }

  /** Ends after the write under way. May be called twice, or without `start`. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { timer } = this.#options;
    const { signal } = this.#stop;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        const before = this.#status.lastError;
        const moved = await this.#round();
        if (before !== null) this.#options.holds?.();
        pauseMs = firstPauseMs;
        if (moved === 0) await timer.wait(idleMs, signal);
      } catch (error) {
        const lastError = error instanceof Error ? error.message : String(error);
        if (lastError !== this.#status.lastError) this.#options.failed(error);
        this.#say({ lastError });
        await this.#look();
        await timer.wait(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  /** Gives how many rows were moved. */
  async #round(): Promise<number> {
    const { state, series, timer, batchRows = 100 } = this.#options;
    const rows = await state.spooledPoints(batchRows);
    const last = rows.at(-1);
    if (last === undefined) {
      this.#say({ behindRows: 0, lastError: null });
      return 0;
    }
    let refused = 0;
    for (const { tier, points } of mergeTiers(rows)) refused += (await series.write(tier, points)).dropped;
    this.#options.point?.("points-before-forget");
    await state.forgetSpooled(last.id);
    const refusedPoints = this.#status.refusedPoints + refused;
    this.#say({ lastError: null, lastWrittenMs: timer.now(), refusedPoints });
    await this.#look();
    return rows.length;
  }

  async #look(): Promise<void> {
    try {
      this.#say({ behindRows: (await this.#options.state.spoolSummary()).rows });
    } catch {
      // the round that follows meets the same trouble and tells it
    }
  }

  #say(news: Partial<ShipperStatus>): void {
    this.#status = { ...this.#status, ...news };
  }
}

/** One write a tier; within a tier the order of the spool, so that a point written twice ends as its newest. */
function mergeTiers(rows: readonly SpoolRow[]): { tier: TierName; points: Point[] }[] {
  const merged = new Map<TierName, Point[]>();
  for (const { tier, points } of rows) {
    const known = merged.get(tier) ?? [];
    for (const point of points) known.push(point);
    merged.set(tier, known);
  }
  return [...merged].map(([tier, points]) => ({ tier, points }));
}
