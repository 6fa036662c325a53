import type {
  DelaySection,
  EpochMs,
  GapView,
  HostView,
  NodeId,
  PerSecond,
  QueueSection,
  Seconds,
  Sentence,
  Share,
  SiteId,
} from "@mailtide/shared";
import type { Backoff } from "../backoff.ts";

export interface DelayModelConfig {
  readonly site: DelaySite;
  readonly nodes: readonly DelayNode[];
}

export interface DelaySite {
  readonly id: SiteId;
  /** `delay.target`: a unit whose own wait is longer is late. */
  readonly targetSeconds: Seconds;
  /** Mailboxes of this server's own probe mail: what goes to them, with any extension, is work and no customer's. */
  readonly probes?: readonly string[];
  /** Units in flight that are followed; newer mail is counted as overflow. Default 1,000,000. */
  readonly maxUnits?: number;
}

export interface DelayNode {
  readonly id: NodeId;
  readonly ownDomains: readonly string[];
  /** Replaces the default; see `compileHops`. */
  readonly ownHops?: readonly string[];
  readonly backoff: Backoff;
  /** Its MTA does not log that a message has left the queue: it ends with its last recipient. Default false. */
  readonly endsWithRecipients?: boolean;
}

export interface DelayEvaluation {
  readonly now: DelayNow;
  readonly completeness: Completeness;
  /** This and what follows is found when somebody asks, which must be before the next fact. */
  readonly delay: DelaySection;
  readonly queues: QueueSection;
  readonly facts: DelayFacts;
}

/** What the rules look at every second. */
export type DelayNow = Omit<DelaySection, "directions">;

export interface Completeness {
  readonly complete: boolean;
  /** Over the last hour. */
  readonly lostLines: number;
  readonly lostShare: Share;
  readonly gaps: readonly GapView[];
  readonly because: readonly Sentence[];
}

/** Decisive figures for the rules, beside what the screen shows. */
export interface DelayFacts {
  /** Units that wait on us now, and the longest own wait among them. */
  readonly ownWaiting: number;
  readonly oldestOwnWaitSeconds: Seconds | null;
  /** Messages in queues, by the log. */
  readonly queued: number;
  readonly acceptedLast15Min: number;
  readonly lateUnits: number;
  readonly lastDepartureMs: EpochMs | null;
  /** Over the last five minutes. */
  readonly arrivingPerSecond: PerSecond;
  readonly leavingPerSecond: PerSecond;
  /** Attempts due now. */
  readonly workDue: number;
  readonly nodes: readonly HostView[];
  readonly totals: DelayTotals;
}

/** accepted = waiting + left + blocked + unexplained; overflow was never followed. All but overflow count units. */
export interface DelayTotals {
  readonly accepted: number;
  readonly waiting: number;
  readonly left: number;
  /** Blocked, discarded or bounced: out of the count and the base. */
  readonly blocked: number;
  readonly unexplained: number;
  readonly overflow: number;
}

/** What waits at one node. */
export interface HostQueues {
  readonly queues: QueueSection["queues"];
  readonly waiting: QueueSection["waiting"];
  /** When a listing last confirmed these counts; null when only the log speaks. */
  readonly listedAtMs: EpochMs | null;
  /** Null when no message was seen to leave it. */
  readonly lastDepartureMs: EpochMs | null;
}

/** What a queue listing is compared with. */
export interface KnownIds {
  has(queueId: string): boolean;
  /** Ids in the queues by the log that were accepted before the instant; null where many others were looked at in between. */
  acceptedBefore(atMs: EpochMs): Iterable<string | null>;
  /** Null where the model does not know it; missing where the model is elsewhere. */
  arrivalMs?(queueId: string): EpochMs | null;
  /** Told of every entry of a listing; used where the model is elsewhere and compares later. */
  listed?(entry: { readonly queueId: string; readonly arrivalMs: EpochMs | null }): void;
}
