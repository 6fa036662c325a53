import type { CollectorId, NodeId } from "./ids.ts";
import type { Sentence } from "./sentence.ts";
import type { EpochMs, Seconds, Share } from "./units.ts";

/** A collector is `stale` when its newest data is older than `limitSeconds`. */
export interface CollectorFreshness {
  readonly id: CollectorId;
  readonly node: NodeId | null;
  readonly required: boolean;
  readonly lastDataMs: EpochMs | null;
  readonly limitSeconds: Seconds;
  readonly state: "ok" | "stale" | "failing" | "starting";
  /** In words, when it is not ok: which permission, which file, which host. */
  readonly problem: string | null;
  /** How it goes about it, and why not otherwise, where it had a choice: which way to a queue was taken. */
  readonly says?: string;
  /** Two programs speak as its node, since then. */
  readonly twinsSinceMs?: EpochMs;
  /** From these addresses; one where both come from there. */
  readonly twinsFrom?: readonly string[];
}

export interface Freshness {
  /** The required collector with the oldest data; null when none is configured. */
  readonly slowest: CollectorFreshness | null;
  readonly collectors: readonly CollectorFreshness[];
  readonly complete: boolean;
  /** Why numbers may have missed something. */
  readonly incompleteBecause: readonly Sentence[];
  readonly lostLines: number;
  /** Share of log lines lost over the last hour. */
  readonly lostShare: Share;
  /** Found in the last hour, oldest first; the newest twenty. Too short ones are left out. Absent: none, or not told. */
  readonly gaps?: readonly GapView[];
}

/** A time of which a log said more than was read; nobody knows how much. */
export interface GapView {
  readonly node: NodeId;
  /** The log's name on its host: a path. null: not known. */
  readonly log: string | null;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly foundMs: EpochMs;
}
