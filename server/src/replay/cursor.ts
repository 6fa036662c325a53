import type { EpochMs } from "@mailtide/shared";
import type { Observation } from "../core/observation.ts";
import type { Portion } from "./merge.ts";

/** Takes a capture's observations out in order, up to an instant at a time. */
export interface Cursor {
  /** Everything that stands before the instant, at most `limit`; `more` when some of it is left. */
  takeBefore(
    instantMs: EpochMs,
    limit: number,
  ): Promise<{ readonly taken: readonly Observation[]; readonly more: boolean }>;
  /** Whether there is anything left. */
  ended(): Promise<boolean>;
  close(): Promise<void>;
}

export function createCursor(portions: AsyncIterable<Portion<Observation>>): Cursor {
  const source = portions[Symbol.asyncIterator]();
  let { atMs, items }: Portion<Observation> = { atMs: [], items: [] };
  let place = 0;
  let done = false;

  /** When the next one is; null when there is none. */
  const next = async (): Promise<EpochMs | null> => {
    while (place >= items.length && !done) {
      const result = await source.next();
      if (result.done === true) done = true;
      else {
        ({ atMs, items } = result.value);
        place = 0;
      }
    }
    return atMs[place] ?? null;
  };

  return {
    async takeBefore(instantMs, limit) {
      let taken: Observation[] = [];
      for (;;) {
        // Only the end of a portion has to wait for more.
        const nextMs = atMs[place] ?? (await next());
        if (nextMs === null || nextMs >= instantMs) return { taken, more: false };
        if (taken.length >= limit) return { taken, more: true };
        const end = Math.min(items.length, place + limit - taken.length);
        const from = place;
        while (place < end && (atMs[place] ?? Infinity) < instantMs) place++;
        const run = items.slice(from, place);
        if (taken.length === 0) taken = run;
        else for (const each of run) taken.push(each);
      }
    },
    ended: async () => (await next()) === null,
    async close() {
      await source.return?.();
    },
  };
}
