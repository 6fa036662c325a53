import type { AtSenders } from "./at-senders.ts";
import type { Freshness } from "./freshness.ts";
import type { AlertKey, DependencyId, IncidentId, NodeId, SiteId } from "./ids.ts";
import type { RecordingSection, TransportSection } from "./replay.ts";
import type { Sentence } from "./sentence.ts";
import type { EpochMs, PerSecond, Seconds, Share } from "./units.ts";
import type { Attribution, Cause, DependencyType, Direction, Mode, ProbeFault, Severity } from "./vocabulary.ts";

/**
 * What a screen shows, said whole by the server. Each top-level key is a section: a delta replaces whole sections,
 * so that a client never computes truth and can never hold half of one.
 */
export interface LiveState {
  readonly meta: LiveMeta;
  readonly freshness: Freshness;
  readonly delay: DelaySection;
  readonly queues: QueueSection;
  readonly stages: StageSection;
  readonly dependencies: DependencySection;
  readonly inbound: InboundSection;
  readonly incidents: IncidentSection;
  readonly trend: TrendSection;
  /** Both stand in a replay, and only there. */
  readonly recording?: RecordingSection;
  readonly transport?: TransportSection;
}
export type SectionName = keyof LiveState;

export interface LiveMeta {
  readonly site: { readonly id: SiteId; readonly name: string; readonly timezone: string; readonly locale: string };
  readonly mode: Mode;
  /** Virtual or real time of this state. */
  readonly nowMs: EpochMs;
  /** How fast `nowMs` runs against the wall clock; 1 when live, 60 in the demo, 0 while a replay is paused. */
  readonly speed: number;
  /** Set while time leaps ahead without a speed of its own: up to when. */
  readonly fastForwardToMs?: EpochMs;
  readonly version: string;
  readonly targetSeconds: Seconds;
}

/** The one sentence's meaning; `unknown`, `estimate` and `stale` are never calm. */
export type DelayVerdict = "on-time" | "late" | "quiet" | "no-traffic" | "estimate" | "unknown";
export type DelayTendency = "rising" | "steady" | "falling";

export interface DelayNumbers {
  /** null when it cannot be said. */
  readonly headlineSeconds: Seconds | null;
  readonly lateShare: Share | null;
  readonly typicalSeconds: Seconds | null;
}

export interface DelaySection extends DelayNumbers {
  readonly verdict: DelayVerdict;
  readonly tendency: DelayTendency;
  /** True when the real value may be higher (incomplete data): shown as "at least". */
  readonly atLeast: boolean;
  /** True when unknown waits move the headline by more than 10 %: shown as "at most". */
  readonly atMost: boolean;
  /** Stands while of some node only the counts of its queues are known. */
  readonly estimate?: DelayEstimate;
  readonly lateSinceMs: EpochMs | null;
  /** How our own probe mail fares; null or absent where none is sent, or nothing has been heard of it for long. */
  readonly roundTrip?: RoundTripView | null;
  readonly directions: Readonly<Partial<Record<Direction, DelayNumbers>>>;
  readonly stuck: {
    readonly count: number;
    readonly oldestSeconds: Seconds | null;
    /** Per node and destination, most first, at most 20. */
    readonly where: readonly {
      readonly node: NodeId;
      readonly destination: string;
      readonly count: number;
      readonly oldestSeconds: Seconds;
    }[];
  };
  /**
   * Hosts at which mail waits on us for longer than the target, those with most of it first, at most 20. Absent where it is not
   * looked for: the site as a whole is late, or has one host only.
   */
  readonly lateHosts?: readonly LateHost[];
  /** What waits at its senders, in no queue here, beside the headline. Absent: nothing does. */
  readonly atSenders?: AtSenders;
  /**
   * Far sides that have nothing to do with each other do not answer at once: the fault is ours, and so are the waits. Null
   * while that is not so. `reason` is what most failures were.
   */
  readonly breadth: {
    readonly sinceMs: EpochMs;
    readonly hit: number;
    readonly tried: number;
    readonly reason: "connect-refused" | "connect-timeout" | "unreachable" | "conversation-timeout" | "dns" | "tls";
    /** Nodes at least half of whose tries are in vain. */
    readonly nodes: readonly NodeId[];
  } | null;
  readonly expected: {
    readonly seconds: Seconds | null;
    readonly lowSeconds: Seconds | null;
    readonly highSeconds: Seconds | null;
    /** Set when nothing leaves: since when. */
    readonly notMovingSinceMs: EpochMs | null;
  };
  readonly recovery: {
    readonly state: "none" | "recovering" | "not-recovering" | "unknown";
    /** On time again not before; null when nothing is late or it cannot be said. */
    readonly notBeforeMs: EpochMs | null;
    readonly atMs: EpochMs | null;
    readonly lowMs: EpochMs | null;
    readonly highMs: EpochMs | null;
  };
  /** Delivery attempts due now and the rate at which busy blocks did them. */
  readonly work: {
    readonly due: number;
    readonly busyPerSecond: PerSecond | null;
    readonly arrivingPerSecond: PerSecond;
    readonly leavingPerSecond: PerSecond;
  };
}

/** A host whose own mail is late. */
export interface LateHost {
  readonly node: NodeId;
  /** Units that wait on us there for longer than the target. */
  readonly count: number;
  /** The longest of which we are sure that more than one in twenty of its mails suffers it. */
  readonly waitSeconds: Seconds;
  readonly oldestSeconds: Seconds;
  /** Null when nothing was seen to leave it. */
  readonly lastDepartureMs: EpochMs | null;
  /** Where at least half of them are to go; null where there is no such place. */
  readonly destination: { readonly name: string; readonly count: number } | null;
}

/** What counts alone tell of delay: how long the oldest message that may be ours has waited. */
export interface DelayEstimate {
  /** In order, at most 20. */
  readonly nodes: readonly NodeId[];
  /** The oldest in any of their queues but what is held; null when nobody told ages, or nothing waits. */
  readonly seconds: Seconds | null;
  /** The oldest in queues where only we can be what it waits for; null as above. */
  readonly sureSeconds: Seconds | null;
  /** Whose waits the rest is, nobody said: they count as ours. */
  readonly atMost: boolean;
  /** Its age may read low. */
  readonly atLeast: boolean;
  /** No node has a log: what else this screen measures is not zero but not known. */
  readonly isAll: boolean;
}

/** How our own probe mail of one way fares. */
export interface TripState {
  /** What is shown is how long one has been awaited, and goes on. */
  readonly isSoFar: boolean;
  /** The platform did not take it. */
  readonly isRefused: boolean;
  /** The mailbox in which it would be seen cannot be read. Absent: it can, or there is none. */
  readonly isUnreadable?: boolean;
  /** It is back, among what is taken for spam. */
  readonly isMisfiled?: boolean;
}

export interface RoundTripView extends TripState {
  readonly dependency: DependencyId;
  readonly state: "ok" | "failing";
  /** From being taken to being back; while one is awaited for longer than that, so far. Null when none was taken, or none is out. */
  readonly seconds: Seconds | null;
  /** There is too little mail for a headline of its own: `headlineSeconds` is this time. */
  readonly isHeadline: boolean;
}

export interface QueueSection {
  readonly queues: readonly {
    readonly name: string;
    readonly count: number;
    readonly waiting: Readonly<Record<Attribution, number>>;
    readonly oldestSeconds: Seconds | null;
  }[];
  readonly waiting: Readonly<Record<Attribution, { readonly count: number; readonly oldestSeconds: Seconds | null }>>;
  /** Messages that left the queue with no line to say why (operators, a moved spool). */
  readonly unexplained: number;
  /** When a listing last confirmed these counts; null when only the log speaks. */
  readonly listedAtMs: EpochMs | null;
  /** Of each host, where there are several. */
  readonly hosts?: {
    /** At most 40: first where most messages wait on us, then where most are queued. */
    readonly shown: readonly HostView[];
    readonly hidden: number;
    /** Where at least half of what waits on us waits, and how much of it. */
    readonly mostAt: { readonly node: NodeId; readonly share: Share } | null;
  };
  /** Stands while somebody else counts queues for us. */
  readonly counted?: {
    /** Messages of such counts among `waiting.own` and `waiting.unknown`. */
    readonly ownWaiting: number;
    /** At most 100: first nodes without a log, the fullest first. */
    readonly nodes: readonly CountedView[];
  };
}
/** What waits at one host. */
export interface HostView {
  readonly node: NodeId;
  /** Messages in its queues. */
  readonly queued: number;
  /** Those that wait on us. */
  readonly ownQueued: number;
  readonly oldestOwnSeconds: Seconds | null;
  /** Null when no message was seen to leave it. */
  readonly lastDepartureMs: EpochMs | null;
}

/** The queues of a node as somebody counted them. */
export interface CountedView {
  readonly node: NodeId;
  readonly by: string;
  readonly atMs: EpochMs;
  /** The node's own log or another count stands above; this stands beside it. */
  readonly isBeside: boolean;
  /** Messages that may wait on us: all that are not held. */
  readonly waiting: number;
  readonly oldestSeconds: Seconds | null;
  readonly sureSeconds: Seconds | null;
  /** Its ages may read low. */
  readonly atLeast: boolean;
  readonly arrivedPerSecond: PerSecond | null;
  readonly leftPerSecond: PerSecond | null;
  /** At most 64. */
  readonly queues: readonly {
    readonly name: string;
    readonly whose: Attribution;
    readonly count: number;
    readonly bytes: number | null;
    readonly oldestSeconds: Seconds | null;
  }[];
}

export const stageNames = ["beforeQueueManager", "inQueueManager", "connectionSetup", "transmission"] as const;
export type StageName = (typeof stageNames)[number];

export interface StageSection {
  /** Over the last five minutes of deliveries. */
  readonly stages: readonly {
    readonly name: StageName;
    readonly medianSeconds: Seconds | null;
    readonly p95Seconds: Seconds | null;
  }[];
}

export interface DependencySection {
  readonly dependencies: readonly DependencyView[];
}
export interface DependencyView {
  readonly id: DependencyId;
  readonly type: DependencyType;
  readonly state: "ok" | "slow" | "failing" | "unknown";
  readonly latencySeconds: Seconds | null;
  readonly checkedAtMs: EpochMs | null;
  /** Short, for example "lock held since 12:24". */
  readonly note: Sentence | null;
  /** Latency of the last probes, oldest first, at most 60; null is a failed probe. */
  readonly recent: readonly (Seconds | null)[];
  /** Absent where nothing fails, or nothing answers. */
  readonly fault?: ProbeFault;
  /** Of a round trip alone. */
  readonly trip?: TripState;
  readonly sql: SqlView | null;
}
export interface SqlView {
  readonly connectionsUsed: number | null;
  readonly connectionsMax: number | null;
  readonly lockWaits: number | null;
  readonly longestWaitSeconds: Seconds | null;
  /** Since when a schema change is under way, or sessions wait for a lock; absent where neither is. */
  readonly lockSinceMs?: EpochMs;
  readonly longestTransactionSeconds: Seconds | null;
  /** How far a copy is behind. */
  readonly replicationLagSeconds?: Seconds;
  /** At most 20, longest first. */
  readonly blocked: readonly {
    readonly session: string;
    readonly blockedBy: readonly string[];
    readonly seconds: Seconds;
    readonly statement: string | null;
  }[];
  readonly ddl: readonly {
    readonly session: string;
    readonly statement: string;
    readonly seconds: Seconds;
    readonly granted: boolean;
  }[];
}

export interface InboundSection {
  /** Over the last minute. */
  readonly messagesPerSecond: PerSecond;
  readonly connectionsPerSecond: PerSecond;
  readonly rejectsPerSecond: PerSecond;
  /** Distinct client addresses over the last five minutes, and those never seen before. */
  readonly distinctSources: number;
  /** False when the exact bound was passed: shown as "at least". */
  readonly distinctExact: boolean;
  readonly newSources: number;
  /** The same hour's usual; null until it is known. */
  readonly usualSources: number | null;
  readonly usualNewSources: number | null;
  /** Share of unauthenticated messages to hosted domains whose sender equals a recipient. */
  readonly spoofShare: Share | null;
  readonly spoofingSources: number;
  /** What was refused for now over the last minute for a fault of ours, and waits at its senders; null or absent: nothing. */
  readonly refusedByUs?: RefusedByUs | null;
  /** Heaviest first, at most 20 on the wire. */
  readonly top: readonly SourceView[];
  readonly recentSources: readonly number[];
}
export type RefusalFault = "filter" | "lookup" | "resources" | "verification";
export interface RefusedByUs {
  /** Over the last minute. */
  readonly count: number;
  /** Of what was offered: these, and the messages that were taken. */
  readonly share: Share;
  /** Of most of them. */
  readonly fault: RefusalFault;
  /** Null unless nearly all were there. */
  readonly node: NodeId | null;
}
export interface SourceView {
  readonly ip: string;
  /** Its /24 or /64. */
  readonly network: string;
  readonly messages: number;
  readonly connections: number;
  readonly rejects: number;
  readonly spoofed: number;
  readonly authFailures: number;
  readonly firstSeenMs: EpochMs;
}

export type AlertState = "pending" | "firing" | "acknowledged" | "resolved";

export interface AlertView {
  readonly key: AlertKey;
  readonly rule: string;
  readonly cause: Cause;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly node: NodeId | null;
  readonly subject: string | null;
  readonly title: Sentence;
  /** Estimated onset. */
  readonly startedAtMs: EpochMs;
  readonly firedAtMs: EpochMs | null;
  readonly resolvedAtMs: EpochMs | null;
  /** Two or three lines with the decisive numbers. */
  readonly evidence: readonly Sentence[];
  /** What to do, safest first; `command` is to be copied, never run by us. */
  readonly actions: readonly { readonly label: Sentence; readonly command: string | null }[];
}

export interface IncidentView {
  readonly id: IncidentId;
  readonly state: "open" | "acknowledged" | "resolved";
  readonly severity: Severity;
  readonly title: Sentence;
  readonly startedAtMs: EpochMs;
  readonly resolvedAtMs: EpochMs | null;
  readonly acknowledgedAtMs: EpochMs | null;
  readonly acknowledgedBy: string | null;
  readonly pageSentAtMs: EpochMs | null;
  /** In the order in which they began. */
  readonly alerts: readonly AlertView[];
  readonly changes: readonly { readonly title: string; readonly startAtMs: EpochMs; readonly link: string | null }[];
}

export interface IncidentSection {
  /** Open first, then resolved in the last 24 h; newest first; at most 20. */
  readonly incidents: readonly IncidentView[];
  /** Notifications not yet delivered and the age of the oldest. */
  readonly outbox: {
    readonly waiting: number;
    readonly oldestSeconds: Seconds | null;
    readonly failing: string | null;
  };
}

/** Equally long columns, oldest first, at most 300 rows; `atMs` ascending. Null is "not known then". */
export interface TrendSection {
  readonly stepSeconds: Seconds;
  readonly atMs: readonly EpochMs[];
  readonly headlineSeconds: readonly (Seconds | null)[];
  readonly marks: readonly TrendMark[];
}
export interface TrendMark {
  readonly atMs: EpochMs;
  readonly kind: "attack" | "fault" | "change";
  readonly label: Sentence;
}
