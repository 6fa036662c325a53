import type { EpochMs, Seconds } from "@mailtide/shared";

/**
 * What one log line says, in the terms of `mailtide parse`. Keys are present only when the line states them.
 * Addresses are without angle brackets, case kept, "" for the null sender; IPs in RFC 5952 form.
 * Every text here was chosen by somebody who may be hostile.
 */
export interface MailEvent {
  event: MailEventKind;
  atMs?: EpochMs;
  host?: string;
  /** The syslog tag before `[pid]`, whole, for example `postfix/submission/smtpd`. */
  process?: string;
  pid?: number;
  /** May be `NOQUEUE`, which never joins anything. */
  queueId?: string;
  /** No part of the line: readers make it anew, and hand out the same string for the same address where they can. */
  clientIp?: string;
  clientName?: string;
  clientPort?: number;
  helo?: string;
  saslMethod?: string;
  saslUsername?: string;
  messageId?: string;
  from?: string;
  to?: string;
  recipients?: string[];
  origTo?: string;
  size?: number;
  nrcpt?: number;
  relay?: string;
  relayIp?: string;
  relayPort?: number;
  /** Seconds since the message arrived, as the MTA counts. */
  delay?: Seconds;
  /** Postfix: before queue manager, in queue manager, connection setup, transmission; seconds. */
  delays?: [Seconds, Seconds, Seconds, Seconds];
  dsn?: string;
  status?: DeliveryStatus;
  reason?: string;
  code?: number;
  reject?: boolean;
  stage?: string;
  action?: string;
  proto?: string;
  tls?: string;
  /** Exim's name for the transport that carried it; says whether a delivery was local. */
  transport?: string;
  /** Queue id of the bounce that this message caused. */
  bounceQueueId?: string;
  /** Queue id given by the next hop (`queued as`). */
  nextQueueId?: string;
  /** Queue id that this message had before an operator queued it again (`orig_id`). */
  origQueueId?: string;
  /** Queue ids that recipients of this message have gone on under: Sendmail's envelope splitting. */
  splitQueueIds?: string[];
  /** How many lines the logger says it dropped here ("Suppressed N messages", "imuxsock lost N"). */
  lostLines?: number;
  /** How often in all, when the logger wrote "message repeated N times" in place of the lines. */
  repeated?: number;
  /** A content filter's points for this message, and from how many on it acts. */
  score?: number;
  required?: number;
  truncated?: boolean;
}

export const mailEventKinds = [
  "connect",
  "disconnect",
  "client",
  "message",
  "queued",
  "delivery",
  "removed",
  "reject",
  "bounce-notice",
  "auth-failure",
  "warning",
  "other",
] as const;
export type MailEventKind = (typeof mailEventKinds)[number];

export const deliveryStatuses = [
  "sent",
  "deferred",
  "bounced",
  "expired",
  "discarded",
  "filtered",
  "undeliverable",
  "deliverable",
  // Postfix's own words for address probes whose answer it could not keep.
  "undeliverable-but-not-cached",
  "deliverable-but-not-cached",
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];
