import type { EpochMs } from "@mailtide/shared";
import type { MeasurementName, Point, TierName } from "../core/measurement.ts";

/** Where series live. Two implementations, one contract test. */
export interface SeriesStore {
  /**
   * Stores points of one tier. Idempotent. Resolves only when they are durable; rejects with StoreUnavailable when
   * trying again later makes sense. Points that the engine can never take are dropped and counted in `dropped`.
   */
  write(tier: TierName, points: readonly Point[]): Promise<{ readonly written: number; readonly dropped: number }>;
  /** Ascending by time; at most `limit` rows, the newest when there are more. Never blocks the event loop. */
  read(query: SeriesQuery): Promise<readonly SeriesRow[]>;
  /** Deletes what retention no longer keeps; cheap when there is nothing to do. */
  expire(nowMs: EpochMs): Promise<void>;
  /** In words, for `check` and `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface SeriesQuery {
  readonly tier: TierName;
  readonly measurement: MeasurementName;
  /** Equality on tags; an absent tag matches any. */
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly fromMs: EpochMs;
  /** Exclusive. */
  readonly toMs: EpochMs;
  readonly limit: number;
}
/** May be a view that looks its values up when asked: it survives JSON, but not a spread; copy the three by name. */
export interface SeriesRow {
  readonly atMs: EpochMs;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
}

/** The store cannot be reached or is overloaded: the same points may be sent again later. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
