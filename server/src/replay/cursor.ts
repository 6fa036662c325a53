import type { EpochMs } from "@mailtide/shared";
import type { Observation, Observations } from "../core/observation.ts";
import type { Run } from "./portion.ts";
import { Taken } from "./taken.ts";

/** Takes a capture's observations out in order, up to an instant at a time. */
export interface Cursor {
  /** Everything that stands before the instant, at most `limit`; `more` when some of it is left. */
  takeBefore(instantMs: EpochMs, limit: number): Promise<{ readonly taken: Observations; readonly more: boolean }>;
  /** Whether there is anything left. */
  ended(): Promise<boolean>;
  close(): Promise<void>;
}

export function createCursor(batches: AsyncIterable<readonly Run<Observation>[]>): Cursor {
  const source = batches[Symbol.asyncIterator]();
  let runs: readonly Run<Observation>[] = [];
  let index = 0;
  let place = 0;

  /** The run in which the next one stands; null when there is none. */
  const next = async (): Promise<Run<Observation> | null> => {
    for (;;) {
      const run = runs[index];
      if (run !== undefined) return run;
      const { done, value } = await source.next();
      if (done === true) return null;
      runs = value;
      index = 0;
      place = runs[0]?.from ?? 0;
    }
  };

  return {
    async takeBefore(instantMs, limit) {
      const taken = new Taken();
      for (;;) {
        // Only the end of what was read has to wait for more.
        const run = runs[index] ?? (await next());
        if (run === null || timeAt(run, place) >= instantMs) return { taken, more: false };
        if (taken.length >= limit) return { taken, more: true };
        const end = Math.min(run.to, place + limit - taken.length);
        const from = place;
        place = timeAt(run, end - 1) < instantMs ? end : firstFrom(run, place, instantMs);
        taken.add(run.portion, from, place);
        if (place < run.to) continue;
        index += 1;
        place = runs[index]?.from ?? 0;
      }
    },
    ended: async () => (await next()) === null,
    async close() {
      await source.return?.();
    },
  };
}

const timeAt = ({ portion }: Run<Observation>, place: number): EpochMs => portion.atMs[place] ?? Infinity;

/** The first, from the place on, that stands at the instant or behind it. */
function firstFrom(run: Run<Observation>, from: number, instantMs: EpochMs): number {
  let place = from;
  while (timeAt(run, place) < instantMs) place++;
  return place;
}
