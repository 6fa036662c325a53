import type { EpochMs } from "@mailtide/shared";
import type { Effect } from "../core/alert/signal.ts";
import type { Point, TierName } from "../core/measurement.ts";
import type { SavedPart } from "../core/part.ts";

/**
 * What must survive a crash. One commit a turn holds the turn's facts, the positions of their sources, the points made
 * of them and the notifications they caused: all of it or nothing.
 */
export interface StateStore {
  /**
   * Resolves when the turn survives a power cut. Sending the same turn again, after an answer that got lost, changes nothing;
   * another one under a number that is taken rejects. A rejected turn has left nothing behind.
   */
  commit(turn: Commit): Promise<void>;
  /** Everything needed to stand where the last commit stood. Journal rows come in order, one at a time. */
  recover(): Promise<Recovery>;
  /**
   * Replaces the checkpoint and forgets the journal up to `journalSeq`, in one transaction. Turns may be committed meanwhile;
   * a crash at any point leaves the old checkpoint or the new one.
   */
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;

  /** Oldest first, due at `nowMs`, at most one for each `(notifier, dedup key)`: the order within a key is never broken. */
  dueNotifications(notifier: string, nowMs: EpochMs, limit: number): Promise<readonly OutboxRow[]>;
  /** `sent` and `refused` are final and kept for a week; `retry` counts as an attempt. What is not settled is never dropped. */
  settleNotification(id: number, outcome: Settlement): Promise<void>;
  /** `lastError`: of the newest notification that has one and was not sent. */
  outboxSummary(): Promise<OutboxSummary>;

  /** The series spool: points wait here until the series store has them. Oldest first, fewer than `limit` when they are large. */
  spooledPoints(limit: number): Promise<readonly SpoolRow[]>;
  forgetSpooled(throughId: number): Promise<void>;
  /** `droppedPoints`: since the state was created, for want of room. */
  spoolSummary(): Promise<{ readonly rows: number; readonly bytes: number; readonly droppedPoints: number }>;

  /** Past turns from the one before `fromMs` on, as far as they are kept; null when this store keeps none. */
  recording(fromMs: EpochMs): Promise<Recording | null>;

  /** Small durable values: install id, token hashes, one-time links, audit. */
  get(key: string): Promise<string | null>;
  set(key: string, value: string | null): Promise<void>;
  audit(entry: {
    readonly atMs: EpochMs;
    readonly principal: string;
    readonly action: string;
    readonly detail: string;
  }): Promise<void>;
  close(): Promise<void>;
}

export interface Commit {
  readonly journalSeq: number;
  readonly nowMs: EpochMs;
  /** The serialised turn (see flow/journal.ts). */
  readonly journal: Uint8Array;
  /** collector id -> JSON position; only those that moved. */
  readonly positions: ReadonlyMap<string, string>;
  readonly points: readonly { readonly tier: TierName; readonly points: readonly Point[] }[];
  readonly notifications: readonly { readonly notifier: string; readonly dedupKey: string; readonly effect: Effect }[];
}
export interface Checkpoint {
  readonly journalSeq: number;
  readonly nowMs: EpochMs;
  /** One saved text for each part of the core, each with a format of its own (see core/part.ts). */
  readonly parts: ReadonlyMap<string, SavedPart>;
}
export interface SpoolRow {
  readonly id: number;
  readonly tier: TierName;
  readonly points: readonly Point[];
}
export interface Recovery {
  readonly checkpoint: Checkpoint | null;
  readonly positions: ReadonlyMap<string, string>;
  journal(): AsyncIterable<{ readonly journalSeq: number; readonly journal: Uint8Array }>;
}
/** Past turns: gzip members of lines `SEQ JSON`, in order. A number that is missing is a turn that was not kept. */
export interface Recording {
  readonly bytes: number;
  chunks(): AsyncIterable<Uint8Array>;
}
export interface OutboxRow {
  readonly id: number;
  readonly notifier: string;
  readonly dedupKey: string;
  readonly effect: Effect;
  readonly attempts: number;
}
export type Settlement =
  | { readonly outcome: "sent"; readonly atMs: EpochMs }
  | { readonly outcome: "retry"; readonly notBeforeMs: EpochMs; readonly error: string }
  | { readonly outcome: "refused"; readonly atMs: EpochMs; readonly error: string };
export interface OutboxSummary {
  readonly waiting: number;
  readonly oldestAtMs: EpochMs | null;
  readonly lastError: string | null;
  readonly refused: number;
}
