import type { EpochMs } from "@mailtide/shared";

export interface OriginDayOptions {
  /** The capture folder to write; it must not exist. The truth goes beside it, to `<out>.truth.jsonl`. */
  readonly out: string;
  readonly seed: number;
  /** Innocent messages a second at the noon peak; everything else scales with it. */
  readonly rate: number;
  /** Local time of the day, `HH:mm`, up to `24:30`. */
  readonly from?: string;
  readonly to?: string;
  /** Hosts that share the load. */
  readonly nodes?: readonly string[];
  onProgress?(progress: GenerateProgress): void;
  readonly signal?: AbortSignal;
}

export interface GenerateProgress {
  readonly nowMs: EpochMs;
  /** 0..1 */
  readonly share: number;
  readonly lines: number;
}

/**
 * What was written, and where every message is (our own bounces apart):
 * `initial + accepted = delivered + blocked + returned + waiting`.
 */
export interface OriginDayResult {
  readonly dir: string;
  readonly truth: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly lines: number;
  /** In the queue before the log begins. */
  readonly initial: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly blocked: number;
  /** Undeliverable or expired. */
  readonly returned: number;
  readonly waiting: number;
  /** Refused before acceptance. */
  readonly rejected: number;
  /** Non-delivery notifications that we made. */
  readonly bounces: number;
}

/** One line of the truth: what the wall ought to say, by the product's definition of the headline. */
export interface TruthRow {
  readonly at: string;
  readonly headlineSeconds: number;
  /** Of the units accepted in the last hour, those whose own wait exceeds five minutes; null when there were none. */
  readonly lateShare: number | null;
  /** Units that wait on us now, and those that wait on others. */
  readonly waiting: number;
  readonly remote: number;
  readonly accepted: number;
}
