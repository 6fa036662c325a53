import type { EpochMs } from "@mailtide/shared";
import type { OutboxSummary, Settlement } from "../../state.ts";
import type { Engine } from "../engine.ts";

const keepSettledMs = 7 * 86_400_000;
const keepSettledRows = 10_000;
const errorCharacters = 2_000;
/** Nobody is told to wait longer: what would, was told so by a clock that was set back since. */
const longestWaitMs = 3_600_000;

export interface OutboxText {
  readonly id: number;
  readonly notifier: string;
  readonly dedupKey: string;
  /** JSON of the effect. */
  readonly effect: string;
  readonly attempts: number;
}

/** Notifications until a notifier took or refused them; what was settled is kept for a week, to answer questions. */
export function openOutbox(engine: Engine) {
  const insert = engine.prepare("INSERT INTO outbox (notifier, dedup_key, effect, at_ms) VALUES (?, ?, ?, ?)");
  const due = engine.prepare(`
    SELECT id, notifier, dedup_key, effect, attempts FROM outbox
    WHERE (not_before_ms <= ? OR not_before_ms > ?) AND id IN
      (SELECT min(id) FROM outbox WHERE outcome IS NULL AND notifier = ? GROUP BY dedup_key)
    ORDER BY id LIMIT ?`);
  const settle = engine.prepare(`
    UPDATE outbox SET outcome = ?, settled_ms = ?, error = coalesce(?, error), attempts = attempts + 1
    WHERE id = ? AND outcome IS NULL`);
  const retry = engine.prepare(
    "UPDATE outbox SET not_before_ms = ?, error = ?, attempts = attempts + 1 WHERE id = ? AND outcome IS NULL",
  );
  const expire = engine.prepare("DELETE FROM outbox WHERE outcome IS NOT NULL AND settled_ms < ?");
  const crowd = engine.prepare(`
    DELETE FROM outbox WHERE outcome IS NOT NULL AND settled_ms <
      (SELECT settled_ms FROM outbox WHERE outcome IS NOT NULL ORDER BY settled_ms DESC LIMIT 1 OFFSET ?)`);
  const waiting = engine.prepare("SELECT count(*), min(at_ms) FROM outbox WHERE outcome IS NULL");
  const refused = engine.prepare("SELECT count(*) FROM outbox WHERE outcome = 'refused'");
  const lastError = engine.prepare(`
    SELECT error FROM outbox WHERE error IS NOT NULL AND outcome IS NOT 'sent' ORDER BY id DESC LIMIT 1`);

  return {
    add: (notifier: string, dedupKey: string, effect: string, atMs: EpochMs) =>
      void insert.run(notifier, dedupKey, effect, atMs),
    due: (notifier: string, nowMs: EpochMs, limit: number): OutboxText[] =>
      due.all(nowMs, nowMs + longestWaitMs, notifier, limit).map(([id, by, dedupKey, effect, attempts]) => ({
        id: Number(id),
        notifier: String(by),
        dedupKey: String(dedupKey),
        effect: String(effect),
        attempts: Number(attempts),
      })),
    settle(id: number, settlement: Settlement): void {
      if (settlement.outcome === "retry") {
        retry.run(settlement.notBeforeMs, settlement.error.slice(0, errorCharacters), id);
        return;
      }
      const error = settlement.outcome === "refused" ? settlement.error.slice(0, errorCharacters) : null;
      settle.run(settlement.outcome, settlement.atMs, error, id);
      expire.run(settlement.atMs - keepSettledMs);
      crowd.run(keepSettledRows);
    },
    summary(): OutboxSummary {
      const [count, oldest] = waiting.one() ?? [0, null];
      return {
        waiting: Number(count),
        oldestAtMs: oldest === null || oldest === undefined ? null : Number(oldest),
        lastError: (lastError.one()?.[0] as string | undefined) ?? null,
        refused: Number(refused.one()?.[0] ?? 0),
      };
    },
  };
}
