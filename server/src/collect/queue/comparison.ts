import type { EpochMs } from "@mailtide/shared";
import { instanceOf, queueIdOf } from "../../core/model/queue-key.ts";
import type { QueueEntry } from "../../core/observation.ts";
import type { KnownIds } from "../collector.ts";
import type { ListedEntry } from "./listing.ts";
import { createSlicer } from "./slice.ts";

export interface Difference {
  readonly unknown: readonly QueueEntry[];
  readonly unknownDropped: number;
  readonly vanished: readonly string[];
  /** Unknown too, and of unknown age; they are counted in `unknownDropped`. */
  readonly ageless: readonly ListedEntry[];
}

/**
 * Compares listings with what the model has. A listing is no atomic picture, and the log runs ahead of it or behind, so
 * one absence proves nothing: gone is what two listings in a row did not show although it was known before both began,
 * and unknown is what arrived long enough ago that its log lines must have come.
 */
export class QueueComparison {
  /** Known before the last listing began and not shown by it. */
  #missed: ReadonlySet<string> = new Set();
  /** Of which Postfix instance the listings are. */
  #instance = "";

  /** To be called right before a listing begins; one that fails is simply not finished. */
  begin(startMs: EpochMs, known: KnownIds): OpenComparison {
    // Taken now, not at the end: what came in between is no business of this listing.
    const before = [...known.acceptedBefore(startMs)];
    const seen = new Set<string>();
    const candidates: ListedEntry[] = [];
    let dropped = 0;
    return {
      add(entry, known) {
        if (seen.size < mostCompared) seen.add(entry.queueId);
        known.listed?.(entry);
        // A message in the pick-up folder gets its queue id later.
        const { arrivalMs } = entry;
        const arrivedByMs = arrivalMs ?? entry.arrivedByMs ?? startMs;
        if (entry.queue === "maildrop" || arrivedByMs > startMs - logLagMs || known.has(entry.queueId)) return;
        if (candidates.length < mostUnknown) candidates.push(entry);
        else dropped += 1;
      },
      finish: async (known) => {
        const slice = createSlicer();
        const missed = new Set<string>();
        const vanished: string[] = [];
        // Beyond the bound "not seen" means nothing.
        for (const id of seen.size < mostCompared ? this.#listed(before, seen) : []) {
          if (!seen.has(queueIdOf(id)) && known().has(id)) {
            missed.add(id);
            if (this.#missed.has(id) && vanished.length < mostUnknown) vanished.push(id);
          }
          const pause = slice();
          if (pause !== undefined) await pause;
        }
        this.#missed = missed;
        const all = candidates.filter(({ queueId }) => !known().has(queueId));
        // The model cannot follow what has no age: such a message is only counted.
        const unknown = all.filter((entry): entry is QueueEntry => entry.arrivalMs !== null);
        const ageless = all.filter(({ arrivalMs }) => arrivalMs === null);
        return { unknown, unknownDropped: dropped + ageless.length, vanished, ageless };
      },
    };
  }

  /** Of several Postfix instances a listing shows one, and does not say which: the one of whose messages it shows most. */
  #listed(before: readonly string[], seen: ReadonlySet<string>): readonly string[] {
    const shown = new Map<string, number>();
    for (const id of before) {
      const instance = instanceOf(id);
      shown.set(instance, (shown.get(instance) ?? 0) + (seen.has(queueIdOf(id)) ? 1 : 0));
    }
    if (shown.size < 2) return before;
    let most = 0;
    for (const [instance, count] of shown) if (count > most) [this.#instance, most] = [instance, count];
    return before.filter((id) => instanceOf(id) === this.#instance);
  }
}

export interface OpenComparison {
  add(entry: ListedEntry, known: KnownIds): void;
  /** Asks anew in every turn of the event loop. */
  finish(known: () => KnownIds): Promise<Difference>;
}

const mostUnknown = 20_000;
const mostCompared = 500_000;
/** Arrival is told in whole seconds, and the log is read a moment later. */
const logLagMs = 10_000;
