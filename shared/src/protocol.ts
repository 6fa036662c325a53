import type { IncidentId } from "./ids.ts";
import type { LiveState } from "./live.ts";
import type { TransportCommand } from "./replay.ts";
import type { EpochMs, Seconds } from "./units.ts";
import type { Scope } from "./vocabulary.ts";

/** The server speaks this version and the one before it. */
export const protocolVersion = 1;
export const oldestProtocolVersion = 1;

/**
 * `serverEpoch` changes with every start of the server, and where a replay jumps: what came before is then no past of
 * what follows. `seq` counts the frames of an epoch without a gap.
 */
export interface Cursor {
  readonly serverEpoch: string;
  readonly seq: number;
}

export interface SnapshotMessage {
  readonly cursor: Cursor;
  readonly sentAtMs: EpochMs;
  readonly state: LiveState;
  /** What this principal may do, so that a button that would be refused is not offered. */
  readonly scopes: readonly Scope[];
}

export interface DeltaMessage {
  readonly cursor: Cursor;
  readonly sentAtMs: EpochMs;
  /** Whole sections that changed. */
  readonly changed: Partial<LiveState>;
}

export interface ServerToClient {
  snapshot: (message: SnapshotMessage) => void;
  delta: (message: DeltaMessage) => void;
  /** Sent before the server hangs up, in words: version too old, reader too slow, token revoked. */
  goodbye: (message: { readonly reason: "version" | "slow" | "revoked" | "closing"; readonly detail: string }) => void;
}

export type Ack = { readonly ok: true } | { readonly ok: false; readonly error: string };
/** A resume by deltas brings no snapshot, so that what this principal may do is said here too. */
export type HelloAck =
  | { readonly ok: true; readonly scopes: readonly Scope[] }
  | { readonly ok: false; readonly error: string };

export interface ClientToServer {
  /** First message, and again after a gap: a cursor that the server still holds is answered by deltas, else by a snapshot. */
  hello: (message: { readonly version: number; readonly cursor?: Cursor }, reply: (ack: HelloAck) => void) => void;
  acknowledge: (message: { readonly incident: IncidentId }, reply: (ack: Ack) => void) => void;
  silence: (
    message: { readonly incident: IncidentId; readonly forSeconds: Seconds; readonly reason: string },
    reply: (ack: Ack) => void,
  ) => void;
  /** Moves a recording, for everybody who watches it; a live server refuses. */
  transport: (message: TransportCommand, reply: (ack: Ack) => void) => void;
}
