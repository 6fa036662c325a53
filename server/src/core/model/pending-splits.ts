import type { EpochMs } from "@mailtide/shared";
import { InOrder } from "../sketch/in-order.ts";
import { detach } from "../text/detach.ts";

interface Pending {
  readonly ids: Set<string>;
  readonly atMs: EpochMs;
}

const nobody: readonly string[] = [];
const keptMs = 60_000;
const most = 50_000;

/**
 * Ids under which recipients of a message go on that no line has told of yet: Sendmail says first how the new queue files
 * were split further, then that they are new ones.
 */
export class PendingSplits {
  readonly pending = new InOrder<Pending>();
  #size = 0;

  add(id: string, ids: readonly string[], atMs: EpochMs): void {
    const known = this.pending.get(id) ?? { ids: new Set<string>(), atMs };
    const before = known.ids.size;
    for (const each of ids) known.ids.add(detach(each));
    this.pending.set(detach(id), known);
    this.#size += known.ids.size - before;
    while (this.#size > most) this.#dropFirst();
  }

  /** What the message with this id, of which a line told now, goes on under. */
  claim(id: string): readonly string[] {
    if (this.#size === 0) return nobody;
    const known = this.pending.get(id);
    if (known === undefined) return nobody;
    this.pending.delete(id);
    this.#size -= known.ids.size;
    return [...known.ids];
  }

  advance(nowMs: EpochMs): void {
    if (this.#size === 0) return;
    for (let next = this.pending.oldest(); next !== undefined; next = this.pending.oldest()) {
      if (next[1].atMs >= nowMs - keptMs) return;
      this.#dropFirst();
    }
  }

  save(): [id: string, ids: readonly string[], atMs: EpochMs][] {
    return [...this.pending.entries()].map(([id, { ids, atMs }]) => [id, [...ids], atMs]);
  }

  restore(saved: ReturnType<PendingSplits["save"]>): void {
    for (const [id, ids, atMs] of saved) this.add(id, ids, atMs);
  }

  #dropFirst(): void {
    this.#size -= this.pending.dropOldest()?.[1].ids.size ?? 0;
  }
}
