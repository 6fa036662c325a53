import type { Effect } from "../../../core/alert/signal.ts";
import type { Point, TierName } from "../../../core/measurement.ts";
import type { StoreFailed } from "../../errors.ts";
import type { Commit, StateStore } from "../../state.ts";
import { startRemote } from "../../worker/remote.ts";
import { saveParts, loadParts } from "./parts.ts";
import { openRecording, type RecordingOptions } from "./recording.ts";
import type { PlainCommit, StateApi } from "./state-worker.ts";

export interface StateStoreOptions {
  /** Created when missing; holds `state.db`, its backups and its lock. One server at a time. */
  readonly folder: string;
  /** What may wait for the series store. Default 256 MiB. */
  readonly spoolLimitBytes?: number;
  /** What is kept of past turns for recordings; nothing by default. */
  readonly recording?: RecordingOptions;
  /** Named points for crash tests: `within-checkpoint`. The store waits while it runs. */
  readonly point?: (name: string) => void;
  /** The store's thread died: nothing can be stored any more. */
  readonly onFailure?: (error: StoreFailed) => void;
}

/**
 * The state store on the embedded engine. All database work is in one thread of its own. Rejects with StateRefused, in
 * words, when the folder is in use, newer than this program, or damaged.
 */
export async function openStateStore(options: StateStoreOptions): Promise<StateStore> {
  const { folder, spoolLimitBytes = 256 << 20, point, onFailure } = options;
  const remote = startRemote<StateApi>(import.meta.url, "state-worker", { what: "the state store", point, onFailure });
  try {
    await remote.call("open", folder, spoolLimitBytes);
  } catch (error) {
    await remote.stop();
    throw error;
  }
  const recording =
    options.recording === undefined || options.recording.keepSeconds <= 0
      ? null
      : openRecording(folder, options.recording);
  let lastCheckpoint: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  return {
    commit: (turn) => {
      const plain = plainCommit(turn);
      return remote.callMoving([plain.journal.buffer as ArrayBuffer], "commit", plain);
    },
    async recover() {
      const head = await remote.call("checkpointHead");
      const positions = new Map(await remote.call("positions"));
      const checkpoint = head === null ? null : { ...head, parts: await loadParts(remote) };
      return {
        checkpoint,
        positions,
        async *journal() {
          for (let seq = head?.journalSeq ?? -1; ;) {
            const page = await remote.call("journalPage", seq);
            yield* page;
            const last = page.at(-1);
            if (last === undefined) return;
            seq = last.journalSeq;
          }
        },
      };
    },
    saveCheckpoint: (checkpoint) => {
      const saved = lastCheckpoint.then(async () => {
        // A checkpoint forgets its turns.
        await recording?.archive(checkpoint.journalSeq);
        await saveParts(remote, checkpoint);
      });
      lastCheckpoint = saved.catch(() => {});
      return saved;
    },

    dueNotifications: async (notifier, nowMs, limit) => {
      const rows = await remote.call("dueNotifications", notifier, nowMs, limit);
      return rows.map((row) => ({ ...row, effect: JSON.parse(row.effect) as Effect }));
    },
    settleNotification: (id, outcome) => remote.call("settle", id, outcome),
    outboxSummary: () => remote.call("outboxSummary"),

    spooledPoints: async (limit) => {
      const rows = await remote.call("spooled", limit);
      return rows.map(({ id, tier, text }) => ({ id, tier: tier as TierName, points: JSON.parse(text) as Point[] }));
    },
    forgetSpooled: (throughId) => remote.call("forgetSpooled", throughId),
    spoolSummary: () => remote.call("spoolSummary"),

    recording: async (fromMs) => (recording === null ? null : recording.read(fromMs)),

    get: (key) => remote.call("get", key),
    set: (key, value) => remote.call("set", key, value),
    audit: (entry) => remote.call("audit", entry),
    close: () => {
      closing ??= lastCheckpoint
        .then(() => recording?.close())
        .then(() => remote.call("close"))
        .catch(() => {})
        .then(() => remote.stop());
      return closing;
    },
  };
}

/** Texts, because they cross threads at a fraction of the cost of objects. */
function plainCommit({ journalSeq, nowMs, journal, positions, points, notifications }: Commit): PlainCommit {
  return {
    journalSeq,
    nowMs,
    // A copy of its own size: the caller's may be a view on a large pool, and it keeps its bytes for another try.
    journal: new Uint8Array(journal),
    positions: [...positions],
    spool: points
      .filter((batch) => batch.points.length > 0)
      .map((batch) => ({ tier: batch.tier, points: batch.points.length, text: JSON.stringify(batch.points) })),
    notifications: notifications.map((each) => ({ ...each, effect: JSON.stringify(each.effect) })),
  };
}
