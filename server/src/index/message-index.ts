import type { EpochMs } from "@mailtide/shared";
import type { HopRecord } from "./record.ts";

/** Which message went which way: what search reads. It holds personal data, and only for the configured time. */
export interface MessageIndex {
  /**
   * What a committed turn told (flow/journal.ts), in the order of their numbers; a turn that it has already changes nothing.
   * Never waits: what it cannot take is counted as lost.
   */
  take(turn: CommittedTurn): void;
  /** Rejects when the index cannot be read. */
  find(query: IndexQuery): Promise<IndexAnswer>;
  figures(): IndexFigures;
  /** Stores what was taken, and stops. May be called twice. */
  close(): Promise<void>;
}

export interface CommittedTurn {
  readonly journalSeq: number;
  /** How many facts it holds, for the count of what is lost. */
  readonly facts: number;
  readonly journal: Uint8Array;
}

/** An address or a domain is the sender's or a recipient's; upper and lower case are the same in both. */
export interface IndexQuery {
  readonly by: "queueId" | "messageId" | "address" | "domain";
  readonly value: string;
  /** When the node that was found took it; both ends belong to it. */
  readonly fromMs?: EpochMs;
  readonly toMs?: EpochMs;
  /** Messages; 50 by default, at most 200. */
  readonly limit?: number;
}

export interface IndexAnswer {
  /** The newest first. */
  readonly messages: readonly FoundMessage[];
  /** There may be others: ask for an earlier time. */
  readonly more: boolean;
}

/** One message with all its hops. */
export interface FoundMessage {
  readonly messageId: string | null;
  readonly sender: string | null;
  /** By its first hop. */
  readonly acceptedMs: EpochMs;
  /** Out of the last queue that we watch; null while it is in one. */
  readonly leftMs: EpochMs | null;
  readonly hops: readonly FoundHop[];
}
export type FoundHop = Readonly<Omit<HopRecord, "rowId" | "found" | "firstMs">>;

export interface IndexFigures {
  /** Queue files; a message may be several. */
  readonly hops: number;
  readonly bytes: number;
  /** Since when it is whole. */
  readonly oldestMs: EpochMs | null;
  /** Since the start of the program: forgotten because it was time, and, before that, for want of room. */
  readonly forgottenForAge: number;
  readonly forgottenForRoom: number;
  /** Facts that were not taken because the index was behind or could not be written. */
  readonly lostFacts: number;
  /** What filters said of messages that no line told of. */
  readonly unmatchedPasses: number;
  /** Why it cannot be written; null when it can. */
  readonly problem: string | null;
}
