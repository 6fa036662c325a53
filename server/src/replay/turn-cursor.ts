import type { EpochMs } from "@mailtide/shared";
import type { Tick } from "../core/observation.ts";

/** Takes a recorded server's turns out one by one. */
export interface TurnCursor {
  /** The next turn if it was taken at or before the instant. */
  takeThrough(instantMs: EpochMs): Promise<Tick | null>;
  ended(): Promise<boolean>;
  close(): Promise<void>;
}

export function createTurnCursor(turns: AsyncIterable<Tick>): TurnCursor {
  const source = turns[Symbol.asyncIterator]();
  let next: Tick | null | undefined;
  const peek = async (): Promise<Tick | null> => {
    if (next === undefined) {
      const { done, value } = await source.next();
      next = done === true ? null : value;
    }
    return next;
  };
  return {
    async takeThrough(instantMs) {
      const tick = await peek();
      if (tick === null || tick.nowMs > instantMs) return null;
      next = undefined;
      return tick;
    },
    ended: async () => (await peek()) === null,
    async close() {
      await source.return?.();
    },
  };
}
