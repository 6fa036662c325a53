import type { Bytes, EpochMs } from "@mailtide/shared";
import type { Unit } from "./truth/units.ts";
import type { Host } from "./world.ts";

/** One queue file. A filtered mail has two in its life: one until it is scanned, one after; a bounce of ours has one. */
export interface QueueFile {
  readonly queueId: string;
  readonly arrivalMs: EpochMs;
  readonly sender: string;
  readonly sizeBytes: Bytes;
  readonly messageId: string;
  /** null: made here. */
  readonly client: Host | null;
  readonly hostile: boolean;
  readonly next: "filter" | "destination";
  readonly ownBounce: boolean;
  /** What is not gone yet, one for each recipient domain. */
  portions: Portion[];
  place: "incoming" | "active" | "deferred";
  /** Last entry into the active queue. */
  activeMs: EpochMs;
  /** Deliveries of this round that are still under way. */
  underWay: number;
  /** Recipients of this round that cannot be delivered. */
  bounced: string[];
  /** How the last round ended; null: there was none. */
  deferral: Deferral | null;
}

/** The recipients of a message in one domain: what the product calls a unit. */
export interface Portion {
  readonly domain: string;
  readonly recipients: readonly string[];
  /** null: our own bounce, or older than the log. */
  readonly unit: Unit | null;
  failed: Failure | null;
}

/** A temporary failure of one portion. */
export interface Failure {
  readonly sinceMs: EpochMs;
  readonly whose: Whose;
  readonly reason: string;
  readonly reasonClass: string;
}
export type Whose = "own" | "remote" | "recipient";

export interface Deferral {
  readonly dueMs: EpochMs;
  readonly whose: Whose;
  readonly reason: string;
  readonly reasonClass: string;
}

/** What happened to units in all, for the balance at the end. */
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

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);

export function portionsOf(recipients: readonly string[], unitOf: () => Unit | null): Portion[] {
  const [only] = recipients;
  if (recipients.length === 1 && only !== undefined)
    return [{ domain: domainOf(only), recipients, unit: unitOf(), failed: null }];
  const domains = new Map<string, string[]>();
  for (const recipient of recipients) {
    const list = domains.get(domainOf(recipient));
    if (list === undefined) domains.set(domainOf(recipient), [recipient]);
    else list.push(recipient);
  }
  return [...domains].map(([domain, list]) => ({ domain, recipients: list, unit: unitOf(), failed: null }));
}

export const recipientCount = (file: QueueFile): number =>
  file.portions.reduce((sum, { recipients }) => sum + recipients.length, 0);

export const nameOf = (host: Host): string => `${host.name}[${host.ip}]`;
