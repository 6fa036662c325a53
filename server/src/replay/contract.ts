import type { CollectorId, DependencyId, DependencyType, EpochMs, Millis, NodeId, Seconds } from "@mailtide/shared";
import type { LineReader } from "../core/line-block.ts";
import type { Observation, PlayedTick, Tick } from "../core/observation.ts";
import type { Backoff } from "../core/backoff.ts";
import type { Run } from "./portion.ts";
import type { ExpectedCollector } from "../core/freshness/freshness.ts";

/** Makes a line parser for one log file. Throws an Error in words when it does not know the MTA. */
export type ParserFor = (mta: string, context: LineContext) => LineReader;
export interface LineContext {
  /** IANA zone of timestamps that state none. */
  readonly zone: string;
  /** Year of the first line, for timestamps that state none. */
  readonly year: number;
}

export interface CaptureOptions {
  readonly parserFor: ParserFor;
  /** Used where the capture states none; a folder without `capture.yaml` otherwise assumes them and says so. */
  readonly year?: number;
  readonly zone?: string;
}

/** A recorded stretch of time. It may be read several times; every reading gives the same observations. */
export interface Capture {
  readonly meta: CaptureMeta;
  /** In time order, in constant memory. */
  observations(): AsyncIterable<Observation>;
  /** The same in handy runs, for speed, with the instants they are played at: those of a late one are not its own. `counts`, when given, is filled while reading. */
  batches(counts?: CaptureCounts): AsyncIterable<readonly Run<Observation>[]>;
  /** Of a recorded server: its turns, each with what it took then. They are played instead of virtual seconds. */
  turns?(counts?: CaptureCounts): AsyncIterable<Tick>;
}

/** What a recorded server was set to do. */
export interface RecordedMeta {
  /** Turns before only build up the memory of those after. */
  readonly reportFromMs: EpochMs;
  readonly site: { readonly id: string; readonly name: string; readonly timezone: string; readonly locale: string };
  readonly targetSeconds: Seconds;
  readonly resolveAfterSeconds: Seconds;
  readonly rules: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly installId: string;
  /** Mailboxes of own probe mail. */
  readonly probes: readonly string[];
  readonly backoff: Readonly<Record<string, Backoff>>;
  readonly collectors: readonly ExpectedCollector[];
}

export interface CaptureMeta {
  readonly name: string;
  readonly simulated: boolean;
  readonly timezone: string;
  /** Time of the first observation; null when there is none. */
  readonly fromMs: EpochMs | null;
  /** End as the capture states it; null when only reading it to the end would tell. */
  readonly toMs: EpochMs | null;
  readonly nodes: readonly CaptureNode[];
  readonly dependencies: readonly CaptureDependency[];
  readonly businessHours: unknown;
  readonly holidays: unknown;
  /** What had to be assumed, in words. */
  readonly assumptions: readonly string[];
  /** Only of a recording of a running server. */
  readonly recorded?: RecordedMeta;
}
export interface CaptureNode {
  readonly id: NodeId;
  readonly site: string | null;
  readonly mta: string | null;
  readonly timezone: string;
  /** Empty: not stated. */
  readonly ownHops: readonly string[];
  readonly ownDomains: readonly string[];
}
export interface CaptureDependency {
  readonly id: DependencyId;
  readonly type: DependencyType;
  readonly affects: readonly NodeId[];
}

/** Of what is taken: lines and rows dated before `endMs`, and a recorded server's turns up to it. More is read ahead. */
export interface CaptureCounts {
  readonly endMs: EpochMs;
  lines: number;
  /** Log lines without a readable time, and rows of JSON that are not what their file holds. */
  unparsed: number;
  /** More than two seconds older than what the same input had already said. */
  late: number;
  /** The first of the unparsed, in words with file and line; at most twenty. */
  readonly problems: string[];
}

/** Which collector a recorded input stands for. */
export interface RecordedCollector {
  readonly id: CollectorId;
  readonly node: NodeId | null;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
}

export interface Clock {
  now(): EpochMs;
}
export interface VirtualClock extends Clock {
  /** Virtual seconds in a real one. */
  readonly speed: number;
}

/** Real time, as a port: a test drives it by hand. */
export interface Timers {
  /** Monotonic. */
  nowMs(): Millis;
  /** Lets everything else run for at least `ms`; 0 means one turn of the event loop. */
  sleep(ms: Millis): Promise<void>;
}

export interface PlayerOptions {
  readonly capture: Pick<Capture, "batches" | "turns"> & { readonly meta: Pick<CaptureMeta, "fromMs" | "toMs"> };
  /**
   * Called once a virtual second, never overlapping, with everything dated before `nowMs` that was not handed over yet.
   * The player waits for it: that is the back-pressure.
   */
  readonly turn: (tick: PlayedTick) => Promise<void>;
  /** Multiple of real time; Infinity is as fast as it goes. */
  readonly speed: number;
  /** As fast as it goes up to here, then at `speed`. */
  readonly fastForwardToMs?: EpochMs;
  /** The last virtual second to play. */
  readonly untilMs?: EpochMs;
  readonly counts?: CaptureCounts;
  /** About twice a real second. */
  readonly onProgress?: (progress: PlayerProgress) => void;
  readonly timers?: Timers;
}

export interface PlayerProgress {
  readonly nowMs: EpochMs;
  /** 0..1; null when the end is not known. */
  readonly share: number | null;
  /** Virtual seconds in a real one, measured since the last report. */
  readonly achievedSpeed: number;
  readonly state: PlayerState;
}
export type PlayerState = "ready" | "fast-forward" | "playing" | "paused" | "ended" | "stopped";

export interface PlayerEnd {
  readonly why: "ended" | "stopped";
  readonly nowMs: EpochMs;
  readonly turns: number;
}

export interface Player {
  readonly clock: VirtualClock;
  readonly state: PlayerState;
  /** Starts, or goes on after a pause. */
  play(): void;
  pause(): void;
  setSpeed(speed: number): void;
  fastForwardTo(instant: EpochMs): void;
  /** Settles at the end of the capture, at `untilMs`, after `stop`, or rejects with what `turn` threw. */
  readonly done: Promise<PlayerEnd>;
  /** After the turn in progress. May be called at any time, twice, or without `play`. */
  stop(): Promise<void>;
}
