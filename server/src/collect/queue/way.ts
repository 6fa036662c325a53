import type { EpochMs, Seconds } from "@mailtide/shared";
import type { Difference } from "./comparison.ts";
import type { ListedEntry, ListingContext, ListingFormat } from "./listing.ts";
import { runListing } from "./run.ts";

/** One way to look at a queue. */
export interface QueueWay {
  readonly name: string;
  readonly mta: string;
  /** False where it never says why mail waits. Default true. */
  readonly tellsReasons?: boolean;
  /** False where it says nothing of senders and recipients. Default true. */
  readonly tellsAddresses?: boolean;
  /** Resolves with the number of pieces that could not be read; rejects when it is not the whole queue. */
  list(context: ListingContext, signal: AbortSignal, take: (entry: ListedEntry) => void): Promise<number>;
}

/** Which way is gone next, and how long to rest after it. */
export interface WayChooser {
  choose(): Promise<QueueWay>;
  /** True when another way shall be tried at once. */
  failed?(way: QueueWay, error: unknown): boolean;
  /** What came of it; what is returned is what the model is told. */
  listed(way: QueueWay, tookSeconds: Seconds, difference: Difference): Difference;
  /** When a deferred message is tried next, where an earlier look told that. */
  dueMs?(queueId: string): EpochMs | undefined;
  /** How long to rest at least, so that listing costs about 2 % of the time. */
  readonly restSeconds: Seconds;
  /** The next look is owed now. */
  readonly soon?: boolean;
  /** Of which Postfix instance the queue is, by its `syslog_name`, once that is known. */
  readonly instance?: string | null;
  /** How it chose, in words. */
  readonly says?: string | null;
}

/** The listing that a program prints; where parts of the queue are printed only by other commands, with those in `also`. */
export function commandWay(
  command: readonly string[],
  format: ListingFormat,
  tellsReasons: boolean | undefined,
  also: readonly (readonly string[])[] = [],
): QueueWay {
  return {
    name: format.name,
    mta: format.mta,
    ...(tellsReasons === undefined ? {} : { tellsReasons }),
    async list(context, signal, take) {
      let garbled = 0;
      for (const each of [command, ...also]) {
        const reader = format.read(context, take);
        await runListing(each, signal, reader);
        garbled += reader.garbled;
      }
      return garbled;
    },
  };
}

/** The only one there is; `says` why, where there could be others. */
export function always(way: QueueWay, says: string | null = null): WayChooser {
  let tookSeconds = 0;
  return {
    says,
    choose: () => Promise.resolve(way),
    listed(_way, seconds, difference) {
      tookSeconds = seconds;
      return difference;
    },
    get restSeconds() {
      return tookSeconds * restPerWork;
    },
  };
}

/** 49 parts of rest to one of work: 2 %. */
export const restPerWork = 49;
