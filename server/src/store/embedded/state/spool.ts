import type { Engine } from "../engine.ts";

export interface SpoolText {
  readonly id: number;
  readonly tier: string;
  /** JSON of the points. */
  readonly text: string;
}
export interface SpoolEntry {
  readonly tier: string;
  readonly points: number;
  readonly text: string;
}
interface Totals {
  readonly rows: number;
  readonly bytes: number;
}

/** About this much crosses threads at a time. */
const pageBytes = 1 << 20;

/**
 * Points that the series store does not have yet, at most `limitBytes` of them: beyond, the oldest go and are counted for
 * good. `add` belongs inside the transaction of a turn.
 */
export function openSpool(engine: Engine, limitBytes: number) {
  const insert = engine.prepare("INSERT INTO spool (tier, points, bytes, body) VALUES (?, ?, ?, ?)");
  const oldest = engine.prepare("SELECT id, bytes FROM spool ORDER BY id LIMIT ?");
  const next = engine.prepare("SELECT id, bytes, points FROM spool WHERE id > ? ORDER BY id LIMIT 1");
  const through = engine.prepare("SELECT id, tier, body FROM spool WHERE id <= ? ORDER BY id");
  const forget = engine.prepare("DELETE FROM spool WHERE id <= ?");
  const allTotals = engine.prepare("SELECT count(*), coalesce(sum(bytes), 0) FROM spool");
  const oldTotals = engine.prepare("SELECT count(*), coalesce(sum(bytes), 0) FROM spool WHERE id <= ?");
  const count = engine.prepare(`
    INSERT INTO counter (name, value) VALUES ('spool_dropped_points', ?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`);
  const dropped = engine.prepare("SELECT value FROM counter WHERE name = 'spool_dropped_points'");
  // Kept in memory: summing on every turn would read the whole spool.
  let totals: Totals | null = null;
  const known = (): Totals => (totals ??= totalsOf(allTotals.one()));

  const dropOldest = (): void => {
    let { rows, bytes } = known();
    let lostPoints = 0;
    let throughId = 0;
    while (bytes > limitBytes) {
      const row = next.one(throughId);
      if (row === undefined) break;
      throughId = Number(row[0]);
      bytes -= Number(row[1]);
      lostPoints += Number(row[2]);
      rows--;
    }
    forget.run(throughId);
    count.run(lostPoints);
    totals = { rows, bytes };
  };

  return {
    /** A transaction failed: what was counted in it did not happen. */
    recount(): void {
      totals = null;
    },
    add({ tier, points, text }: SpoolEntry): void {
      const size = Buffer.byteLength(text);
      const { rows, bytes } = known();
      insert.run(tier, points, size, text);
      totals = { rows: rows + 1, bytes: bytes + size };
      if (totals.bytes > limitBytes) dropOldest();
    },
    /** The oldest rows, fewer than `limit` when they are large. */
    take(limit: number): SpoolText[] {
      let taken = 0;
      let throughId = 0;
      for (const [id, size] of oldest.all(limit)) {
        if (taken >= pageBytes) break;
        throughId = Number(id);
        taken += Number(size);
      }
      return through.all(throughId).map(([id, tier, text]) => ({
        id: Number(id),
        tier: String(tier),
        text: String(text),
      }));
    },
    forget(throughId: number): void {
      const { rows, bytes } = known();
      const gone = totalsOf(oldTotals.one(throughId));
      forget.run(throughId);
      totals = { rows: rows - gone.rows, bytes: bytes - gone.bytes };
    },
    summary: () => ({ ...known(), droppedPoints: Number(dropped.one()?.[0] ?? 0) }),
  };
}

const totalsOf = (row: readonly unknown[] | undefined): Totals => ({
  rows: Number(row?.[0] ?? 0),
  bytes: Number(row?.[1] ?? 0),
});
