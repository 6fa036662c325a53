import type { CollectorId, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { KnownIds } from "../core/model/delay-api.ts";
import type { Observation, QueueEntry } from "../core/observation.ts";

/**
 * The contract of everything that collects.
 *
 * Life: `create` is cheap and does no I/O; `start` is quick and never throws for a world that is not ready (a missing file
 * is a state that is reported, not an error); `stop` may be called at any time, twice, or without start.
 * A poll collector is called by the schedule, never while a call is still running, and must obey `signal`.
 * A push collector calls `sink` by itself and waits when `sink` asks it to.
 */
export type Collector = PollCollector | PushCollector;

interface CollectorBase {
  readonly id: CollectorId;
  readonly node: NodeId | null;
  /** Required collectors decide how old the screen's data is. */
  readonly required: boolean;
  /** Data older than this is stale. */
  readonly limitSeconds: Seconds;
  start(context: CollectorContext): Promise<void>;
  stop(): Promise<void>;
}

export interface PollCollector extends CollectorBase {
  readonly kind: "poll";
  readonly everySeconds: Seconds;
  /** The schedule aborts `signal` at this age of a call; a result that comes later is dropped and counted. */
  readonly deadlineSeconds: Seconds;
  /** How it goes about it, where it had a choice. */
  readonly says?: string | null;
  poll(signal: AbortSignal): Promise<Batch>;
  /** For `mailtide check`, where one poll only begins what the next ones see the end of: one whole look. */
  readonly tryOnce?: { readonly withinSeconds: Seconds; run(signal: AbortSignal): Promise<Batch> };
}

export interface PushCollector extends CollectorBase {
  readonly kind: "push";
}

/** Facts and the position behind them travel together, so that they are committed together. */
export interface Batch {
  readonly observations: readonly Observation[];
  /** JSON; handed back as `CollectorContext.position` after a restart once this batch was committed. */
  readonly position?: unknown;
  /** Called once this batch is durable; never when the program ends before that. */
  readonly committed?: () => void;
}

export interface CollectorContext {
  /** The last committed position; undefined at the first start. */
  readonly position: unknown;
  now(): EpochMs;
  /** Resolves when there is room: await it before reading on (back-pressure). */
  sink(batch: Batch): Promise<void>;
  /** Says "looked, and all is well" or why not; becomes the screen's data age. */
  health(state: "ok" | "failing", problem: string | null): void;
  /** What the model has in the queues of a node, to compare a listing with. */
  knownIds(node: NodeId): KnownIds;
  /** Named points for crash tests and traces; does nothing in production. */
  point(name: string): void;
}

/** `KnownIds`: valid within one turn of the event loop, ask again after an await. */
export type { KnownIds, Observation, QueueEntry };
