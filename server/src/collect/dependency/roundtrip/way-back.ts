import type { EpochMs } from "@mailtide/shared";

/** How probe mail comes back: a door of our own that it is brought to, or a mailbox that we read. */
export interface WayBack {
  /** Opens it when it is not. False: nothing could be seen yet if it came back. Rejects when that is our own fault. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
  /** What came to it and was not ours. */
  readonly strangers: number;
  /** Why what is back cannot be seen now; null while it can. */
  readonly trouble: Trouble | null;
  /** Where it listens; null when it does not, or does not need to. */
  readonly port: number | null;
  /** What it must know again after a restart. JSON; undefined: nothing. */
  keep(): unknown;
  /** What `keep` gave is durable, and so are the returns that were told before it. */
  kept(what: unknown): void;
}

export interface Trouble {
  readonly sinceMs: EpochMs;
  readonly words: string;
}
