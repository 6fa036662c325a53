import type {
  Attribution,
  CollectorId,
  DependencyId,
  DependencyType,
  EpochMs,
  IncidentId,
  NodeId,
  PerSecond,
  ProbeFault,
  Seconds,
  Share,
} from "@mailtide/shared";
import type { Command } from "./alert/signal.ts";
import type { MailEvent } from "./event.ts";

/** One timestamped fact. The same facts in the same order always give the same state: they are what the journal keeps. */
export type Observation =
  | LogObservation
  | QueueObservation
  | CountsObservation
  | ProbeObservation
  | ChangeObservation
  | HealthObservation
  | LossObservation;

export interface LogObservation {
  readonly kind: "log";
  readonly node: NodeId;
  readonly atMs: EpochMs;
  readonly event: MailEvent;
}

/** A queue listing, compared at the edge with what the model knew, so that it stays small when nothing is odd. */
export interface QueueObservation {
  readonly kind: "queue";
  readonly node: NodeId;
  /** When the listing began. */
  readonly atMs: EpochMs;
  readonly endMs: EpochMs;
  readonly snapshot: QueueSnapshot;
  /** Of which Postfix instance it is, by its `syslog_name`; absent where that is not known. */
  readonly instance?: string;
  /** Entries that the model did not know; bounded, the rest in `unknownDropped`. */
  readonly unknown: readonly QueueEntry[];
  readonly unknownDropped: number;
  /** Ids that the model knew before the listing and that two listings in a row did not show; bounded. */
  readonly vanished: readonly string[];
}

export interface QueueEntry {
  readonly queueId: string;
  readonly queue: string;
  readonly arrivalMs: EpochMs;
  /** When it is tried again, where that is known. */
  readonly dueMs?: EpochMs;
  readonly sizeBytes: number | null;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly reason: string | null }[];
}

/**
 * Queues as somebody else counted them: an exporter, Telegraf, an MTA's own figures. No message has an id, and nobody says
 * why it waits. What is not named was not counted: absent is not zero.
 */
export interface CountsObservation {
  readonly kind: "counts";
  readonly node: NodeId;
  readonly atMs: EpochMs;
  /** Who counted. The newest word of each replaces what it said before. */
  readonly by: CollectorId;
  readonly queues: Readonly<Record<string, CountedQueue>>;
  /** Everything that there is was counted: a queue that is not named any more is forgotten. */
  readonly whole: boolean;
  /** A count that is older says nothing of now. */
  readonly validSeconds: Seconds;
  /** Of counters that only rise, since the look before. */
  readonly arrivedPerSecond?: PerSecond;
  readonly leftPerSecond?: PerSecond;
}
export interface CountedQueue {
  readonly count: number;
  readonly bytes: number | null;
  readonly oldestAgeSeconds: Seconds | null;
  /** The age can only be higher: it was told by a file that a retry touches, or by the lower edge of a class. */
  readonly ageIsAtLeast?: true;
}

/** The document of `mailtide queue`, with instants as numbers. */
export interface QueueSnapshot {
  readonly mta: string;
  readonly atMs: EpochMs;
  readonly queues: Readonly<Record<string, QueueCount>>;
  readonly waiting: Readonly<Record<Attribution, WaitingCount>>;
  readonly reasons: readonly { readonly class: ReasonClass; readonly count: number; readonly sample: string }[];
  readonly topDomains: readonly { readonly name: string; readonly count: number }[];
  readonly topSenders: readonly { readonly name: string; readonly count: number }[];
  /** Null where only the files of the queue were looked at. */
  readonly recipients: number | null;
}
export interface QueueCount {
  readonly count: number;
  readonly bytes: number | null;
  /** Of those whose arrival is known, as the histogram. */
  readonly oldestAgeSeconds: Seconds | null;
  /** Ten counts, (lower, upper] of 5 10 20 40 80 160 320 640 1280 minutes and more. */
  readonly ageHistogram: readonly number[];
}
export interface WaitingCount {
  readonly count: number;
  readonly oldestAgeSeconds: Seconds | null;
  readonly oldestOwnWaitSeconds: Seconds | null;
}

export const reasonClasses = [
  "connect-refused",
  "connect-timeout",
  "unreachable",
  "conversation-timeout",
  "dns",
  "tls",
  "greylist",
  "rate-limit",
  "mailbox-full",
  "policy",
  "content",
  "local-resource",
  "lookup",
  "other",
] as const;
export type ReasonClass = (typeof reasonClasses)[number];

/** A dependency was tried. A hung server is a result: `ok` false with the time waited. */
export interface ProbeObservation {
  readonly kind: "probe";
  readonly atMs: EpochMs;
  readonly id: DependencyId;
  readonly type: DependencyType;
  readonly ok: boolean;
  /** Until the answer, or until we gave up. */
  readonly latencySeconds: Seconds;
  readonly error?: string;
  readonly details?: ProbeDetails;
}
/** What a probe saw besides its answer; which of it depends on the kind. */
export interface ProbeDetails extends SqlDetails, RoundTripDetails, HopDetails {
  /** A certificate's; negative once it has ended. */
  readonly expiresInSeconds?: Seconds;
  /** A file system's, and the part of the time in which its device had work to do. */
  readonly freeShare?: Share;
  readonly freeInodesShare?: Share;
  readonly busyShare?: Share;
  /** Without this share of it free no mail is taken. */
  readonly mailNeedsShare?: Share;
  /** What a read or write of the device takes, and the share of time in which something on the host waits for a disk. */
  readonly ioWaitSeconds?: Seconds;
  readonly ioPressureShare?: Share;
  /** A Redis': used of the memory that it may use, and clients that wait for something to arrive. */
  readonly memoryShare?: Share;
  readonly blockedClients?: number;
  readonly fault?: ProbeFault;
  /** It answers, and something will stop it soon. In words. */
  readonly concern?: string;
}
/** Where the time of a conversation with a mail hop went; its `connectSeconds` are those of any connection. */
export interface HopDetails {
  readonly greetingSeconds?: Seconds;
  readonly tlsSeconds?: Seconds;
  readonly recipientSeconds?: Seconds;
  /** Mails that wait in a content filter. */
  readonly filterQueue?: number;
}
export interface RoundTripDetails {
  /** Set while a probe mail is awaited that no younger one has overtaken: how long so far, which is the latency then. */
  readonly waitingSeconds?: Seconds;
  /** An overtaken probe mail has just come back after so long. */
  readonly lateSeconds?: Seconds;
  /** The platform did not take the mail. */
  readonly refused?: boolean;
  /** Whether it is back cannot be seen: its mailbox cannot be read. */
  readonly unreadable?: boolean;
  /** The last one was back, among what is taken for spam. */
  readonly misfiled?: boolean;
  /** Probe mails that are out, those that younger ones overtook and that are late, and those that are not followed any more. */
  readonly probesOut?: number;
  readonly probesOvertaken?: number;
  readonly probesGivenUp?: number;
  /** Connections and mails at the probe's own door or in its mailbox that were not the probe's. */
  readonly strangers?: number;
}
export interface SqlDetails {
  readonly connectSeconds?: Seconds;
  readonly querySeconds?: Seconds;
  /** Of the write canary, where there is one. */
  readonly writeSeconds?: Seconds;
  readonly connectionsUsed?: number;
  readonly connectionsMax?: number;
  readonly lockWaits?: number;
  readonly longestWaitSeconds?: Seconds;
  readonly blocked?: readonly {
    readonly session: string;
    readonly blockedBy: readonly string[];
    readonly seconds: Seconds;
    readonly statement?: string;
  }[];
  readonly ddl?: readonly {
    readonly session: string;
    readonly statement: string;
    readonly seconds: Seconds;
    readonly granted: boolean;
  }[];
  readonly longestTransactionSeconds?: Seconds;
  readonly replicationLagSeconds?: Seconds;
  /** The privileged connection could not look: what stands here may read low. */
  readonly blind?: string;
}

export interface ChangeObservation {
  readonly kind: "change";
  readonly atMs: EpochMs;
  readonly change: Change;
}
export interface Change {
  readonly id: string;
  readonly startAtMs: EpochMs;
  readonly endAtMs?: EpochMs;
  readonly title: string;
  readonly service?: string;
  readonly host?: string;
  readonly source?: string;
  readonly author?: string;
  readonly link?: string;
  readonly productionAffecting?: boolean;
}

/** A collector says that it looked (even when there was nothing new) or that it cannot. */
export interface HealthObservation {
  readonly kind: "health";
  readonly atMs: EpochMs;
  readonly collector: CollectorId;
  readonly node: NodeId | null;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
  readonly state: "ok" | "failing";
  readonly problem: string | null;
  /** How it goes about it, and why not otherwise, where it had a choice. */
  readonly says?: string;
  /** All mailboxes that the agent of this node sends probe mail to; absent: it does not say. */
  readonly probes?: readonly string[];
  /** Two programs speak as this node, since then. */
  readonly twinsSinceMs?: EpochMs;
  /** From these addresses; one where both come from there. */
  readonly twinsFrom?: readonly string[];
}

/** Between these a log said more than was read. */
export interface LogGap {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  /** Its name on its host: a path. Not there in records of earlier versions. */
  readonly log?: string;
}

export interface LossObservation {
  readonly kind: "loss";
  readonly node: NodeId;
  readonly atMs: EpochMs;
  readonly lines: number;
  readonly because: "suppressed" | "rotated-away" | "truncated" | "dropped" | "unreadable";
  /** Set where nobody knows how many there were, `lines` or more. */
  readonly gap?: LogGap;
}

/** Facts in their order. Whoever iterates may keep them. */
export interface Observations extends Iterable<Observation> {
  readonly length: number;
  /** Each stands until the next is asked for: a replay has one for all lines. */
  at(place: number): Observation | undefined;
}

/** Everything that happened in one turn of the pipeline. `nowMs` is the only clock that the core ever sees. */
export interface PlayedTick {
  readonly nowMs: EpochMs;
  readonly observations: Observations;
  /** What people asked for; in the journal with everything else, so that a recovery does it again. */
  readonly commands: readonly Command[];
  /** Pages that were delivered since the last turn. */
  readonly pagesSent: readonly { readonly incident: IncidentId; readonly atMs: EpochMs }[];
}

/** The same with facts that are there, and may be kept. */
export interface Tick extends PlayedTick {
  readonly observations: readonly Observation[];
}
