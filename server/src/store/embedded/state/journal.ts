import { StoreFailed } from "../../errors.ts";
import type { Engine } from "../engine.ts";

/** About this much of the journal crosses threads at a time. */
const pageBytes = 4 << 20;

export interface JournalRow {
  readonly journalSeq: number;
  readonly journal: Uint8Array;
}

/** Turns since the checkpoint, and how far their sources were read. */
export function openJournal(engine: Engine) {
  const insert = engine.prepare("INSERT OR IGNORE INTO journal (seq, body) VALUES (?, ?)");
  const body = engine.prepare("SELECT body FROM journal WHERE seq = ?");
  const next = engine.prepare("SELECT seq, body FROM journal WHERE seq > ? ORDER BY seq LIMIT 1");
  const move = engine.prepare("INSERT OR REPLACE INTO position (collector, position) VALUES (?, ?)");
  const positions = engine.prepare("SELECT collector, position FROM position");
  return {
    /**
     * False when exactly this turn stands already: its commit held, only the answer was lost, and the caller asks again.
     * Another turn under the same number is a mistake that must not pass.
     */
    append(seq: number, turn: Uint8Array): boolean {
      if (insert.run(seq, turn).changes === 1) return true;
      const known = body.one(seq)?.[0];
      if (known instanceof Uint8Array && Buffer.compare(known, turn) === 0) return false;
      throw new StoreFailed(`turn ${seq} is already in the journal, with other content`);
    },
    move: (collector: string, position: string) => void move.run(collector, position),
    positions: () => positions.all() as [string, string][],
    /** The next rows above `seq`; empty at the end. */
    page(seq: number): JournalRow[] {
      const rows: JournalRow[] = [];
      for (let bytes = 0, last = seq; bytes < pageBytes;) {
        const row = next.one(last);
        if (row === undefined) break;
        last = Number(row[0]);
        const journal = new Uint8Array(row[1] as Uint8Array);
        rows.push({ journalSeq: last, journal });
        bytes += journal.byteLength;
      }
      return rows;
    },
  };
}
