import { reachPoint } from "../../worker/serve.ts";
import { type Engine, transaction } from "../engine.ts";

export interface CheckpointHead {
  readonly journalSeq: number;
  readonly nowMs: number;
}
export interface CheckpointChunk {
  readonly id: number;
  readonly part: string;
  readonly format: number;
  readonly text: string;
}

/**
 * A checkpoint can be 100 MB. It is staged chunk by chunk under a new generation, between the commits of turns, and then made
 * the valid one by a transaction that changes one row: commits never wait for it, and a crash leaves the old or the new one.
 * What became superfluous is swept afterwards in small steps. (One large transaction was the simpler shape: it held turns
 * back for as long as the disk took.)
 */
export function openCheckpoint(engine: Engine) {
  const head = engine.prepare("SELECT journal_seq, now_ms, generation FROM checkpoint");
  const newest = engine.prepare("SELECT coalesce(max(generation), 0) FROM checkpoint_chunk");
  const stage = engine.prepare("INSERT INTO checkpoint_chunk (generation, part, format, body) VALUES (?, ?, ?, ?)");
  const replace = engine.prepare(
    "INSERT OR REPLACE INTO checkpoint (only, generation, journal_seq, now_ms) VALUES (1, ?, ?, ?)",
  );
  const chunk = engine.prepare(
    "SELECT id, part, format, body FROM checkpoint_chunk WHERE generation = ? AND id > ? ORDER BY id LIMIT 1",
  );
  const sweepJournal = engine.prepare(
    "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE seq <= ? ORDER BY seq LIMIT 100)",
  );
  const sweepChunks = engine.prepare(
    "DELETE FROM checkpoint_chunk WHERE id IN (SELECT id FROM checkpoint_chunk WHERE generation <> ? LIMIT 4)",
  );
  const current = (): number => Number(head.one()?.[2] ?? 0);

  return {
    head(): CheckpointHead | null {
      const row = head.one();
      return row === undefined ? null : { journalSeq: Number(row[0]), nowMs: Number(row[1]) };
    },
    nextGeneration: (): number => Math.max(Number(newest.one()?.[0] ?? 0), current()) + 1,
    stage: (generation: number, part: string, format: number, text: string) =>
      void stage.run(generation, part, format, text),
    makeValid(generation: number, { journalSeq, nowMs }: CheckpointHead): void {
      transaction(engine, () => {
        replace.run(generation, journalSeq, nowMs);
        sweepJournal.run(journalSeq);
        reachPoint("within-checkpoint");
      });
    },
    /** One step of forgetting what is not of the valid checkpoint, and the turns that it holds; false when nothing is left. */
    sweep(): boolean {
      const [journalSeq, , generation] = head.one() ?? [];
      return transaction(engine, () => {
        const turns = journalSeq === undefined ? 0 : sweepJournal.run(journalSeq).changes;
        return turns + sweepChunks.run(generation ?? 0).changes > 0;
      });
    },
    /** The valid checkpoint's chunks in the order they were staged. */
    chunkAfter(id: number): CheckpointChunk | null {
      const row = chunk.one(current(), id);
      if (row === undefined) return null;
      return { id: Number(row[0]), part: String(row[1]), format: Number(row[2]), text: String(row[3]) };
    },
  };
}
