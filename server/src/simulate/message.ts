import type { Bytes, EpochMs } from "@mailtide/shared";
import type { Host } from "./people.ts";
import type { Unit } from "./truth.ts";

/** A mail as it comes to our door. All its recipients are in one domain. */
export interface Draft {
  readonly client: Host;
  readonly saslUser: string | null;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sizeBytes: Bytes;
  readonly messageId: string;
  /** The filter will find something. */
  readonly hostile: boolean;
}

/** One queue file. A mail has two in its life: one until it is scanned, one after; a bounce of ours has one. */
export interface Message {
  readonly queueId: string;
  readonly arrivalMs: EpochMs;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sizeBytes: Bytes;
  readonly messageId: string;
  readonly client: Host | null;
  readonly hostile: boolean;
  readonly next: "filter" | "destination";
  /** null: our own bounce, or older than the log. */
  readonly unit: Unit | null;
  readonly ownBounce: boolean;
  /** Last entry into the active queue. */
  activeMs: EpochMs;
  deferral: Deferral | null;
}
export interface Deferral {
  readonly dueMs: EpochMs;
  readonly reason: string;
  readonly class: string;
  readonly own: boolean;
}

/** What happened to mail in all, for the balance at the end. */
export interface Tally {
  initial: number;
  accepted: number;
  delivered: number;
  blocked: number;
  returned: number;
  rejected: number;
  bounces: number;
}
export const emptyTally = (): Tally => ({
  initial: 0,
  accepted: 0,
  delivered: 0,
  blocked: 0,
  returned: 0,
  rejected: 0,
  bounces: 0,
});

export const firstRecipient = (message: Message): string => message.recipients[0] ?? "";
