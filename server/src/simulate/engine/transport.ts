import type { EpochMs, Millis } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import { createLine, type Line } from "./line.ts";
import type { Failure, Portion, QueueFile } from "./message.ts";

/** One delivery request: recipients of a message that go to the same next hop. */
export interface Job {
  readonly file: QueueFile;
  readonly portions: readonly Portion[];
  readonly nextHop: string;
}

/** What an attempt tells the scheduler about the next hop. `cause`: why the hop cannot be reached at all. */
export type Feedback = { readonly reached: true } | { readonly reached: false; readonly cause: Failure };

/** A delivery transport of the queue manager: a limited number of agents, fairly shared among next hops. */
export interface Transport {
  readonly busy: number;
  enqueue(job: Job): void;
  /** Starts what can be started: after anything that may have made room. */
  pump(): void;
}

export interface TransportParts {
  readonly agenda: Agenda;
  /** Agents that may run now; 0 stands still. */
  processes(): number;
  /** default_destination_concurrency_limit and initial_destination_concurrency, postconf(5). */
  readonly limit: number;
  readonly initial: number;
  /** How long a next hop that seems dead is left alone: minimal_backoff_time. */
  readonly suspendMs: Millis;
  start(job: Job, done: (feedback: Feedback) => void): void;
  /** Deferred at once: the next hop is being left alone. */
  suspended(job: Job, cause: Failure): void;
  /** The job waits because its next hop is in trouble, not because we are busy; and when that is over. */
  blocked(job: Job, cause: Failure): void;
  unblocked(job: Job): void;
}

/** In-core queue of one next hop, as in Postfix's qmgr_queue.c. */
interface Hop {
  readonly name: string;
  readonly jobs: Line<Waiting>;
  busy: number;
  window: number;
  success: number;
  failure: number;
  failedCohorts: number;
  /** Present: left alone until then. */
  suspendedUntilMs: EpochMs | null;
  cause: Failure | null;
  inTurn: boolean;
}
interface Waiting {
  readonly job: Job;
  readonly isBlocked: boolean;
}

export function createTransport(parts: TransportParts): Transport {
  const { agenda, limit, suspendMs } = parts;
  const initial = Math.min(parts.initial, limit);
  const hops = new Map<string, Hop>();
  const turns = createLine<Hop>();
  let busy = 0;

  const hopOf = (name: string): Hop => {
    let hop = hops.get(name);
    if (hop === undefined) {
      hop = {
        name,
        jobs: createLine(),
        busy: 0,
        window: initial,
        success: 0,
        failure: 0,
        failedCohorts: 0,
        suspendedUntilMs: null,
        cause: null,
        inTurn: false,
      };
      hops.set(name, hop);
    }
    return hop;
  };
  const wantTurn = (hop: Hop) => {
    if (hop.inTurn || hop.jobs.length === 0 || hop.busy >= hop.window) return;
    hop.inTurn = true;
    turns.push(hop);
  };

  const pump = () => {
    const most = parts.processes();
    while (busy < most) {
      const hop = turns.shift();
      if (hop === undefined) return;
      hop.inTurn = false;
      if (hop.suspendedUntilMs !== null || hop.busy >= hop.window) continue;
      const waiting = hop.jobs.shift();
      if (waiting === undefined) continue;
      if (waiting.isBlocked) parts.unblocked(waiting.job);
      hop.busy++;
      busy++;
      parts.start(waiting.job, (feedback) => done(hop, feedback));
      wantTurn(hop);
    }
  };

  const done = (hop: Hop, feedback: Feedback) => {
    busy--;
    hop.busy--;
    if (feedback.reached) succeeded(hop, limit, initial);
    else {
      hop.cause = feedback.cause;
      if (hop.suspendedUntilMs === null && failed(hop)) suspend(hop, feedback.cause);
    }
    wantTurn(hop);
    forgetIdle(hop);
    pump();
  };

  const suspend = (hop: Hop, cause: Failure) => {
    hop.suspendedUntilMs = agenda.nowMs + suspendMs;
    for (let waiting = hop.jobs.shift(); waiting !== undefined; waiting = hop.jobs.shift()) {
      if (waiting.isBlocked) parts.unblocked(waiting.job);
      parts.suspended(waiting.job, cause);
    }
    agenda.at(hop.suspendedUntilMs, () => {
      hop.suspendedUntilMs = null;
      hop.window = initial;
      hop.success = 0;
      hop.failure = 0;
      hop.failedCohorts = 0;
      forgetIdle(hop);
    });
  };

  const forgetIdle = (hop: Hop) => {
    if (hop.busy === 0 && hop.jobs.length === 0 && hop.suspendedUntilMs === null) hops.delete(hop.name);
  };

  return {
    get busy() {
      return busy;
    },
    enqueue(job) {
      const hop = hopOf(job.nextHop);
      if (hop.suspendedUntilMs !== null && hop.cause !== null) return parts.suspended(job, hop.cause);
      const isBlocked = hop.cause !== null && hop.busy >= hop.window;
      if (isBlocked && hop.cause !== null) parts.blocked(job, hop.cause);
      hop.jobs.push({ job, isBlocked });
      wantTurn(hop);
      pump();
    },
    pump,
  };
}

/** Room for one more after every success, up to the limit and not far beyond what is in use (qmgr_queue_unthrottle). */
function succeeded(hop: Hop, limit: number, initial: number): void {
  hop.failedCohorts = 0;
  hop.cause = null;
  if (hop.window >= limit || hop.window >= hop.busy + initial) return;
  hop.success++;
  while (hop.success >= 1 && hop.window < limit) {
    hop.window++;
    hop.success--;
    hop.failure = 0;
  }
}

/** Room for one less after every failure; true when a whole pseudo-cohort has failed (qmgr_queue_throttle). */
function failed(hop: Hop): boolean {
  hop.failedCohorts += 1 / hop.window;
  if (hop.failedCohorts >= 1) return true;
  hop.failure++;
  while (hop.failure >= 1 && hop.window > 1) {
    hop.window--;
    hop.failure--;
    hop.success = 0;
  }
  return false;
}
