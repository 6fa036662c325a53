import type { EpochMs } from "@mailtide/shared";
import type { Scenario } from "../scenario/schema.ts";
import type { DaySink } from "./world.ts";

/** How a run differs from the scenario as it is written. */
export interface Variation {
  /** Added to the times of all events and changes. */
  readonly shiftMinutes?: number;
  /** Factor on the sizes of events (floods, surges, sources). */
  readonly scale?: number;
  readonly renameProbes?: boolean;
  readonly withoutChanges?: boolean;
}

export interface SimulateOptions {
  readonly scenario: Scenario;
  /** The capture folder to write; it must not exist. The truth goes beside it, to `<out>.truth.jsonl`. */
  readonly out: string;
  readonly seed: number;
  readonly variation?: Variation;
  onProgress?(progress: { readonly nowMs: EpochMs; readonly share: number; readonly lines: number }): void;
  readonly signal?: AbortSignal;
}

/** The same day without files: everything goes to `sink`, one minute after the other. */
export interface StreamOptions extends Omit<SimulateOptions, "out"> {
  readonly sink: DaySink;
  /** Called once, before the first row. */
  started?(facts: DayFacts): void;
  /** Called when everything dated before the instant has been handed to the sink; waited for. */
  minute?(nowMs: EpochMs): Promise<void>;
}

/** What the day's reader may know before it begins. */
export interface DayFacts {
  /** As it will happen: varied. */
  readonly scenario: Scenario;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly hostedDomains: readonly string[];
}

/**
 * Where every unit, (message, recipient domain), is (our own bounces apart):
 * `initial + accepted = delivered + blocked + returned + waiting`.
 */
export interface SimulateResult {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly lines: number;
  readonly initial: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly blocked: number;
  readonly returned: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly bounces: number;
  readonly truth: readonly TruthRow[];
  readonly summary: TruthSummary;
}

/** One row a minute, by the product's definitions, from what is known of every message. */
export interface TruthRow {
  readonly at: string;
  readonly headlineSeconds: number;
  /** Of the units accepted in the last hour, those whose own wait exceeds five minutes; null: there were none. */
  readonly lateShare: number | null;
  /** Median own wait of the units accepted in the last fifteen minutes, known from the future; null: none left. */
  readonly typicalSeconds: number | null;
  readonly stuck: { readonly count: number; readonly oldestSeconds: number | null };
  /** Median own wait of the units accepted in this minute, known from the future; null: none, or still waiting at the end. */
  readonly expectedWaitSeconds: number | null;
  readonly waitingAtSendersSeconds: number;
  /** Units that wait on us now, and those that wait on others. */
  readonly waiting: number;
  readonly remote: number;
  readonly accepted: number;
}

/** The last row, `{"summary": ...}`. */
export interface TruthSummary {
  readonly scenario: string;
  readonly seed: number;
  readonly variation: Variation;
  /** As they really were, after shifting and scaling, in time order. `id`: the dependency, as it is called in the capture. */
  readonly events: readonly {
    readonly what: string;
    readonly at: string;
    readonly until: string;
    readonly id?: string;
  }[];
  readonly changes: readonly { readonly at: string; readonly title: string }[];
  readonly peak: { readonly at: string; readonly headlineSeconds: number } | null;
  /** From when the headline stayed under the target for 15 minutes after the peak; null: not by the end. */
  readonly recoveredAt: string | null;
  /** Every attacking address with its hostile messages offered and the instant of the second one. */
  readonly attackers: readonly { readonly ip: string; readonly messages: number; readonly secondAt: string | null }[];
  /** Innocent addresses first seen after the first event began. */
  readonly innocentNew: readonly string[];
}
