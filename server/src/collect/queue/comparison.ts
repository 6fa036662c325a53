import type { EpochMs } from "@mailtide/shared";
import { instanceNamed } from "../../core/model/instances.ts";
import { instanceOf, queueIdOf } from "../../core/model/queue-key.ts";
import type { QueueEntry } from "../../core/observation.ts";
import type { KnownIds } from "../collector.ts";
import { IdSet } from "./id-set.ts";
import type { ListedEntry } from "./listing.ts";
import { createSlicer } from "../../loop/slice.ts";

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
  #missed = new IdSet();
  /** By the last listing. */
  #shown = new IdSet();
  /** Of which Postfix instance the listings are. */
  #instance = "";

  /**
   * To be called right before a listing begins; one that fails is simply not finished. What comes while a hundred thousand
   * ids are noted may be among them: it was accepted before all the same. `syslogName`: of which Postfix instance it is,
   * where that is known. `isOneOfTwo`: of an MTA whose log tells of another queue too, so that only what a listing of this
   * one has shown can be gone from it.
   */
  async begin(
    startMs: EpochMs,
    known: KnownIds,
    { syslogName, isOneOfTwo = false }: Whose = {},
  ): Promise<OpenComparison> {
    const told = syslogName === undefined ? null : instanceNamed(syslogName);
    const before: string[] = [];
    // Nearly all of a listing is known: asking the model for each would look up as many strings again.
    const accepted = new IdSet();
    const instances = new Set<string>();
    const slice = createSlicer(idsPerLook);
    // Taken now, not at the end: what came in between is no business of this listing.
    for (const id of known.acceptedBefore(startMs)) {
      if (id !== null) {
        before.push(id);
        accepted.add(queueIdOf(id));
        instances.add(instanceOf(id));
      }
      const pause = slice();
      if (pause !== undefined) await pause;
    }
    const seen = new IdSet(before.length);
    const candidates: ListedEntry[] = [];
    let dropped = 0;
    return {
      add(entry, known) {
        if (seen.size < mostCompared) seen.add(entry.queueId);
        known.listed?.(entry);
        const { arrivalMs } = entry;
        const arrivedByMs = arrivalMs ?? entry.arrivedByMs ?? startMs;
        // A message in the pick-up folder gets its queue id later, and no line speaks of it before.
        if (arrivedByMs > startMs - (entry.queue === "maildrop" ? pickupLagMs : logLagMs)) return;
        if (accepted.has(entry.queueId) || known.has(entry.queueId)) return;
        if (candidates.length < mostUnknown) candidates.push(entry);
        else dropped += 1;
      },
      finish: async (known) => {
        // Beyond the bound "not seen" means nothing.
        const compared = seen.size < mostCompared ? before : [];
        if (told === null && instances.size > 1) await this.#recognise(compared, seen);
        const listed = told ?? (instances.size > 1 ? this.#instance : null);
        const wasShown = (id: string): boolean => this.#shown.has(queueIdOf(id)) || this.#missed.has(id);
        const isListed = (id: string): boolean =>
          (listed === null || instanceOf(id) === listed) && (!isOneOfTwo || wasShown(id));
        const vanished = await this.#vanished(compared, (id) => isListed(id) && !seen.has(queueIdOf(id)), known);
        if (isOneOfTwo) this.#shown = seen;
        return { ...(await stillUnknown(candidates, dropped, known)), vanished };
      },
    };
  }

  /** What was missed twice; what was missed is kept for the next listing. */
  async #vanished(before: readonly string[], isMissed: (id: string) => boolean, known: () => KnownIds) {
    const slice = createSlicer(idsPerLook);
    const missed = new IdSet();
    const vanished: string[] = [];
    for (const id of before) {
      if (isMissed(id) && known().has(id)) {
        missed.add(id);
        if (this.#missed.has(id) && vanished.length < mostUnknown) vanished.push(id);
      }
      const pause = slice();
      if (pause !== undefined) await pause;
    }
    this.#missed = missed;
    return vanished;
  }

  /** Of several Postfix instances a listing shows one, and may not say which: the one of whose messages it shows most. */
  async #recognise(before: readonly string[], seen: IdSet): Promise<void> {
    const shown = new Map<string, number>();
    const slice = createSlicer(idsPerLook);
    for (const id of before) {
      const instance = instanceOf(id);
      if (seen.has(queueIdOf(id))) shown.set(instance, (shown.get(instance) ?? 0) + 1);
      const pause = slice();
      if (pause !== undefined) await pause;
    }
    let most = 0;
    for (const [instance, count] of shown) if (count > most) [this.#instance, most] = [instance, count];
  }
}

async function stillUnknown(candidates: readonly ListedEntry[], dropped: number, known: () => KnownIds) {
  const unknown: QueueEntry[] = [];
  const ageless: ListedEntry[] = [];
  const slice = createSlicer(idsPerLook);
  for (const entry of candidates) {
    // The model cannot follow what has no age: such a message is only counted.
    if (!known().has(entry.queueId)) (hasAge(entry) ? unknown : ageless).push(entry as QueueEntry);
    const pause = slice();
    if (pause !== undefined) await pause;
  }
  return { unknown, unknownDropped: dropped + ageless.length, ageless };
}

const hasAge = (entry: ListedEntry): entry is QueueEntry => entry.arrivalMs !== null;

interface Whose {
  readonly syslogName?: string | undefined;
  readonly isOneOfTwo?: boolean;
}

export interface OpenComparison {
  add(entry: ListedEntry, known: KnownIds): void;
  /** Asks anew in every turn of the event loop. */
  finish(known: () => KnownIds): Promise<Difference>;
}

/** One takes a microsecond. */
const idsPerLook = 64;
const mostUnknown = 20_000;
const mostCompared = 500_000;
/** Arrival is told in whole seconds, and the log is read a moment later. */
const logLagMs = 10_000;
/** pickup(8) looks once a minute, when nobody wakes it; where it is dead, what waits there waits on us. */
const pickupLagMs = 120_000;
