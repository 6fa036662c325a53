import type { EpochMs, Seconds } from "@mailtide/shared";

/** Of one queue file; the rest are counted. */
export const mostRecipients = 100;
export const mostFilters = 8;

/** One queue file: a message on one node. Its key is node, instance, queue id and arrival: short ids come again. */
export interface HopRecord {
  /** 0 until it is stored. */
  rowId: number;
  readonly node: string;
  /** The Postfix instance by its `syslog_name`; "" for the one that is called postfix, and for other programs. */
  readonly instance: string;
  readonly queueId: string;
  readonly arrivalMs: EpochMs;
  /** When Mailtide first heard of it: from then on it is kept for the configured time. */
  readonly firstMs: EpochMs;
  origin: Origin;
  lastMs: EpochMs;
  removedMs: EpochMs | null;
  ending: Ending | null;
  messageId: string | null;
  /** "" is the null sender; null as long as no line has named it. */
  sender: string | null;
  clientIp: string | null;
  sizeBytes: number | null;
  nrcpt: number;
  readonly recipients: RecipientRecord[];
  moreRecipients: number;
  readonly filters: FilterPass[];
  /**
   * The id that it had before an operator queued it again or its MTA split it over queue files, or that of the message
   * which this bounce is about.
   */
  origQueueId: string | null;
  /** Of the bounce that this message caused. */
  bounceQueueId: string | null;
  /** How much of it can be found already. */
  found: FoundBy;
}
export interface FoundBy {
  queueId: boolean;
  messageId: boolean;
  sender: boolean;
  recipients: number;
  links: number;
}

/** From whom the node got it; `unknown` when it was first seen in the middle. */
export const origins = ["unknown", "client", "local", "node"] as const;
export type Origin = (typeof origins)[number];
export const endings = ["removed", "deleted", "refused", "requeued"] as const;
export type Ending = (typeof endings)[number];

export interface RecipientRecord {
  readonly address: string;
  /** As the last attempt ended (`DeliveryStatus`); "" before the first. */
  status: string;
  attempts: number;
  /** The last attempt. */
  startMs: EpochMs;
  atMs: EpochMs;
  relay: string;
  relayIp: string;
  /** Since this hop took the message, as its MTA counts. */
  delaySeconds: Seconds | null;
  reason: string;
  /** Under which id the next hop has it. */
  nextQueueId: string;
}

/** A content filter looked at the message, and how long that took. */
export interface FilterPass {
  readonly filter: string;
  /** When its line was written: at its end. */
  readonly atMs: EpochMs;
  readonly seconds: Seconds | null;
  readonly action: string;
  readonly score: number | null;
  readonly nextQueueId: string;
}

/** Ids under which the message went on elsewhere, or under which it was before. */
export function linksOf(hop: HopRecord): Set<string> {
  const links = new Set<string>();
  for (const { nextQueueId } of hop.recipients) if (nextQueueId !== "") links.add(nextQueueId);
  for (const { nextQueueId } of hop.filters) if (nextQueueId !== "") links.add(nextQueueId);
  if (hop.origQueueId !== null && hop.origin !== "node") links.add(hop.origQueueId);
  return links;
}
