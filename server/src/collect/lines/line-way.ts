import type { EpochMs } from "@mailtide/shared";
import type { CollectorContext } from "../collector.ts";
import type { SourceLine } from "../tail/source.ts";

/** Lines of one log in their order, as one look brought them. */
export interface LinesRead {
  /** Valid until `hand` resolves. */
  readonly lines: readonly SourceLine[];
  /** They can be read nowhere else: they are taken although the collector is ending. */
  readonly isOnlyHere?: true;
  /** Behind the last line: JSON, where this way can go on after a restart. */
  readonly position?: unknown;
  readonly loss?: {
    readonly because: "rotated-away" | "truncated" | "dropped" | "unreadable";
    readonly lines: number;
    /** How many nobody knows. They stood between the line that was read before and the next one. */
    readonly isAtLeast?: true;
    /** They stood behind so many of `lines`. Default 0. */
    readonly afterLines?: number;
    /** Until then nothing was missing. */
    readonly wholeUntilMs?: EpochMs;
  } | null;
}

/** A number that a way keeps in its position; undefined where none of that name is. */
export function numberIn(position: unknown, name: string): number | undefined {
  if (typeof position !== "object" || position === null) return undefined;
  const value: unknown = (position as Readonly<Record<string, unknown>>)[name];
  return typeof value === "number" ? value : undefined;
}

/** How the lines of one log come in: from a file, the journal, the network, a pipe. Knows nothing of any MTA. */
export interface LineWay {
  /**
   * Hands over what comes until `ended` aborts, each time waiting until there was room for it, and says by
   * `context.health` how it fares. A source that is not there is a state to be said, nothing to throw.
   */
  run(hand: (read: LinesRead) => Promise<void>, context: CollectorContext, ended: AbortSignal): Promise<void>;
}

/** Resolves after so long, or at once when `ended` aborts. */
export function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      ended.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ended.addEventListener("abort", done);
    if (ended.aborted) done();
  });
}
