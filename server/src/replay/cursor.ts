import type { EpochMs } from "@mailtide/shared";
import type { Observation } from "../core/observation.ts";

/** Takes a capture's observations out in order, up to an instant at a time. */
export interface Cursor {
  /** Everything dated before the instant, at most `limit`; `more` when some of it is left. */
  takeBefore(
    instantMs: EpochMs,
    limit: number,
  ): Promise<{ readonly taken: readonly Observation[]; readonly more: boolean }>;
  /** Whether there is anything left. */
  ended(): Promise<boolean>;
  close(): Promise<void>;
}

export function createCursor(batches: AsyncIterable<readonly Observation[]>): Cursor {
  const source = batches[Symbol.asyncIterator]();
  let batch: readonly Observation[] = [];
  let place = 0;
  let done = false;

  const next = async (): Promise<Observation | undefined> => {
    while (place >= batch.length && !done) {
      const result = await source.next();
      if (result.done === true) done = true;
      else {
        batch = result.value;
        place = 0;
      }
    }
    return batch[place];
  };

  return {
    async takeBefore(instantMs, limit) {
      let taken: Observation[] = [];
      for (;;) {
        // Only the end of a batch has to wait for more.
        const one = batch[place] ?? (await next());
        if (one === undefined || one.atMs >= instantMs) return { taken, more: false };
        if (taken.length >= limit) return { taken, more: true };
        const end = Math.min(batch.length, place + limit - taken.length);
        const from = place;
        while (place < end && (batch[place]?.atMs ?? Infinity) < instantMs) place++;
        const run = batch.slice(from, place);
        if (taken.length === 0) taken = run;
        else for (const each of run) taken.push(each);
      }
    },
    ended: async () => (await next()) === undefined,
    async close() {
      await source.return?.();
    },
  };
}
