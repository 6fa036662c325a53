import type { Bytes, EpochMs, Millis, Seconds, Share } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Random } from "../random.ts";
import type { FarFault } from "../scenario/schema.ts";

/** An SMTP client or server as a log names it. */
export interface Host {
  /** `unknown` when it has no name. */
  readonly name: string;
  readonly ip: string;
}

/** A client that connects and wants to hand a message over. Recipients may lie in several domains. */
export interface Session {
  readonly client: Host;
  readonly helo: string;
  readonly saslUser: string | null;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly sizeBytes: Bytes;
  readonly messageId: string;
  /** What the filter will find. */
  readonly hostile: boolean;
  /** Whose mail it is, for the truth: attackers' mail is not a customer's. */
  readonly who: "innocent" | "attacker" | "robot";
  /** What happens to it before acceptance, whatever the platform's state: a listed or unknown one. */
  readonly refuse: "postscreen" | "listed" | "unknown-user" | "by-hand" | null;
}

/** What a client learns. A real mail server tries again after `deferred` and `no-answer`; a robot does not. */
export type Answer = "accepted" | "deferred" | "refused" | "no-answer";

/** The platform's side of port 25 and 587: one node's door. */
export interface Door {
  readonly node: string;
  /** `answered` is called once, at the instant at which the client knows. */
  offer(session: Session, answered: (answer: Answer) => void): void;
}

/** The host that takes mail for a domain, and who runs it. */
export interface Destination extends Host {
  /** 0 is the biggest. Customers' own servers: null. */
  readonly operator: number | null;
  /** Nobody has answered there for days. */
  readonly dead: boolean;
  /** Mean seconds of a connection set-up and a transmission on a good day. */
  readonly connectSeconds: Seconds;
  readonly transmitSeconds: Seconds;
  /** Puts a stranger's first attempt off. */
  readonly greylists: boolean;
  /** Share of its recipients whose mailbox is full (4.2.2). */
  readonly fullMailboxShare: Share;
}

export interface DependencyCondition {
  readonly state: "ok" | "slow" | "hung" | "refusing" | "saturated" | "schema-lock";
  /** Times its usual latency; Infinity when it does not answer. */
  readonly slowdown: number;
}

/** What goes wrong at an instant, from the scenario's events alone. Cheap: asked for every message. */
export interface Conditions {
  dependency(id: string, atMs: EpochMs): DependencyCondition;
  /** Factor on what a stage of a node can do; 0 stands still. */
  capacity(stage: "inbound" | "queue-manager" | "filter" | "delivery", node: string, atMs: EpochMs): number;
  /** How one attempt to a destination ends, drawn from `random`; null: no fault. `ours`: by definition our own wait. */
  attempt(
    node: string,
    destination: Destination,
    atMs: EpochMs,
    random: Random,
  ): { readonly fault: FarFault; readonly ours: boolean } | null;
  /** Share of inbound connections of a node that time out before the greeting. */
  inboundTimeoutShare(node: string, atMs: EpochMs): Share;
  /** smtpd waits so long for a block list before it answers. */
  connectionDelayMs(atMs: EpochMs): Millis;
  logLossShare(node: string, atMs: EpochMs): Share;
  clockOffsetMs(node: string, atMs: EpochMs): Millis;
  /** The instant at which what the log says at `atMs` can be read: later inside a collector gap. */
  readableAtMs(node: string, atMs: EpochMs): EpochMs;
  /** The next instant after `atMs` at which anything above may change; Infinity when nothing will. */
  nextChangeMs(atMs: EpochMs): EpochMs;
}

/** Everybody and everything outside the platform. */
export interface World {
  readonly hostedDomains: readonly string[];
  readonly conditions: Conditions;
  destination(domain: string): Destination;
  /** An address at a destination that has been dead for days, for mail that was waiting before the day began. */
  deadAddress(random: Random): string;
  customerAddress(random: Random): string;
  /**
   * Starts everything on the agenda: arrivals, senders' retries, probes, changes. It goes on until the agenda stops.
   * Probes and changes are written to `sink`; `usage` is what the platform asks of its dependencies meanwhile.
   */
  start(agenda: Agenda, doors: readonly Door[], usage: Usage, sink: Pick<DaySink, "probe" | "change">): void;
}

/** What the platform asks of a dependency at this instant. A database sees it as connections. */
export interface Usage {
  /** Scans, sessions at the door and deliveries that wait for its answer now. */
  waiting(dependency: string): number;
  /** Refusals written to it in the last second, each over a connection of its own. */
  refusalsPerSecond(dependency: string): number;
}

/** Where the day is written: files of a capture, or memory. Rows are JSON documents without a line end. */
export interface DaySink {
  log(node: string, line: string): void;
  queue(node: string, row: string): void;
  probe(row: string): void;
  change(row: string): void;
  /** Rows of `observations.jsonl`. */
  observation(row: string): void;
  /** When no more than a portion waits to be written. */
  drained(): Promise<void>;
}
