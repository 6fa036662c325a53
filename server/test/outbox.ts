import { incidentId } from "@mailtide/shared";
import type { Effect } from "../src/core/alert/signal.ts";
import type { OutboxRow, Settlement, StateStore } from "../src/store/state.ts";

export function effectOf(more: Partial<Effect> = {}): Effect {
  return {
    incident: incidentId("i-1"),
    channel: "page",
    action: "trigger",
    seq: 1,
    atMs: Date.UTC(2016, 4, 11, 10, 24),
    severity: "page",
    summary: "Schema lock on mail-db (since 12:24).",
    source: "main",
    cause: "schema-lock",
    details: { headlineSeconds: 31, subject: "mail-db", node: null },
    ...more,
  };
}

/** The outbox's rules in memory: due rows oldest first, one at a time for each key, gone when sent or refused. */
export class MemoryOutbox implements Pick<StateStore, "dueNotifications" | "settleNotification"> {
  readonly settled: { readonly row: OutboxRow; readonly outcome: Settlement }[] = [];
  #rows: { row: OutboxRow; notBeforeMs: number }[] = [];
  #nextId = 1;

  add(notifier: string, dedupKey: string, effect: Effect): void {
    this.#rows.push({ row: { id: this.#nextId++, notifier, dedupKey, effect, attempts: 0 }, notBeforeMs: 0 });
  }
  waiting(): number {
    return this.#rows.length;
  }
  dueNotifications(notifier: string, nowMs: number, limit: number): Promise<readonly OutboxRow[]> {
    const keys = new Set<string>();
    const firstOfKey = this.#rows.filter(({ row }) => {
      if (row.notifier !== notifier || keys.has(row.dedupKey)) return false;
      keys.add(row.dedupKey);
      return true;
    });
    const due = firstOfKey.filter(({ notBeforeMs }) => notBeforeMs <= nowMs);
    return Promise.resolve(due.slice(0, limit).map(({ row }) => row));
  }
  settleNotification(id: number, outcome: Settlement): Promise<void> {
    const entry = this.#rows.find(({ row }) => row.id === id);
    if (entry === undefined) return Promise.reject(new Error(`no notification ${id}`));
    this.settled.push({ row: entry.row, outcome });
    if (outcome.outcome === "retry") {
      entry.notBeforeMs = outcome.notBeforeMs;
      entry.row = { ...entry.row, attempts: entry.row.attempts + 1 };
    } else this.#rows = this.#rows.filter((other) => other !== entry);
    return Promise.resolve();
  }
}
