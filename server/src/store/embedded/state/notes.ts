import type { EpochMs } from "@mailtide/shared";
import type { Engine } from "../engine.ts";

const auditRows = 100_000;
const auditCharacters = 4_000;

export interface AuditEntry {
  readonly atMs: EpochMs;
  readonly principal: string;
  readonly action: string;
  readonly detail: string;
}

/** Small durable values, and who did what: the newest 100,000 entries, since strangers can cause some of them. */
export function openNotes(engine: Engine) {
  const get = engine.prepare("SELECT value FROM key_value WHERE key = ?");
  const set = engine.prepare("INSERT OR REPLACE INTO key_value (key, value) VALUES (?, ?)");
  const unset = engine.prepare("DELETE FROM key_value WHERE key = ?");
  const audit = engine.prepare("INSERT INTO audit (at_ms, principal, action, detail) VALUES (?, ?, ?, ?)");
  const forget = engine.prepare("DELETE FROM audit WHERE id <= ?");
  return {
    get: (key: string): string | null => (get.one(key)?.[0] as string | undefined) ?? null,
    set: (key: string, value: string | null) => void (value === null ? unset.run(key) : set.run(key, value)),
    audit({ atMs, principal, action, detail }: AuditEntry): void {
      const { lastId } = audit.run(atMs, cut(principal), cut(action), cut(detail));
      forget.run(lastId - auditRows);
    },
  };
}

const cut = (text: string): string => text.slice(0, auditCharacters);
