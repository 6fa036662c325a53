import type { Server as HttpServer } from "node:http";
import type { DependencyId, EpochMs, HostView, LiveState, NodeId, Seconds } from "@mailtide/shared";
import type { OperatorCommands } from "../core/principal.ts";
import type { HostFacts } from "../core/site-core.ts";
import type { Logger } from "../observe/logger.ts";
import type { Access } from "./auth/access.ts";
import type { AuthSettings, ChangeLog, HttpMetrics, KeyValue, ServerSettings } from "./settings.ts";

/** Everything the HTTP side needs, given once by the composition. */
export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly auth: AuthSettings;
  readonly state: KeyValue;
  readonly commands: OperatorCommands;
  readonly changes: ChangeLog;
  readonly metrics: HttpMetrics;
  /** The last hours, for captures; without it nothing is kept. */
  readonly recording?: RecordingSource | undefined;
  /** Takes what agents send; without it no node has one. */
  readonly agents?: AgentPort | undefined;
  /** Takes points as InfluxDB does; without it no node has any. */
  readonly writes?: WritePort | undefined;
  /** How the message index stands; without it there is none. */
  readonly indexFigures?: (() => IndexHealth) | undefined;
  /** Hosts as they stand; without it none is told in full, as in a recording. */
  readonly hosts?: HostsPort | undefined;
  /** Why turns end late, or not at all. */
  readonly turning?: (() => TurnTrouble) | undefined;
  /** Puts the live stream on the same port. */
  readonly stream: StreamFactory;
  /** The built client; null serves the API alone. */
  readonly clientFolder: string | null;
  readonly logger: Logger;
  readonly now: () => EpochMs;
  /** `/healthz` fails when no state was published for this long. Default 15. */
  readonly turnLimitSeconds?: Seconds;
}

export interface HostsPort {
  /** Every one, where most waits on us first. */
  all(nowMs: EpochMs): readonly HostView[];
  /** Null of one that is not configured. */
  one(node: NodeId, nowMs: EpochMs): (HostFacts & { readonly dependencies: readonly DependencyId[] }) | null;
}

/** Counts only, for everybody; why it cannot be written is for those who may read. */
export interface IndexHealth {
  readonly hops: number;
  readonly bytes: number;
  readonly oldestMs: EpochMs | null;
  readonly forgottenForRoom: number;
  readonly lostFacts: number;
  readonly problem: string | null;
}

export interface TurnTrouble {
  /** Something failed, and is tried again. */
  readonly isFailing: boolean;
  /** For everybody. */
  readonly why: string;
  /** For those who may read. */
  readonly detail: string | null;
}

export interface WritePort {
  /** `node`: the token's. Resolves when what was taken is durable; `error` in InfluxDB's words. */
  write(
    node: NodeId | undefined,
    lines: string,
    precision: string,
    nowMs: EpochMs,
  ): Promise<{ readonly kind: "ok" | "invalid" | "partial" | "unavailable"; readonly error: string | null }>;
  /** Somebody at that address uses a token that is good no more; `why` in words. A null node: it spoke for any. */
  turnedAway(node: NodeId | null, why: string, from: string): void;
}

export interface AgentPort {
  /** `node`: the token's; `from`: the address that it comes from. Reads the body when it is this one's turn. */
  knock(node: NodeId | undefined, from: string, body: AsyncIterable<Uint8Array>): Promise<AgentAnswer>;
  /** For which node the token is taken; changes nothing. */
  introduce(node: NodeId | undefined): AgentAnswer;
  /** Somebody at that address uses a token of the node that is good no more; `why` in words. */
  turnedAway(node: NodeId, why: string, from: string): void;
}
export type AgentAnswer = { readonly status: number } & ({ readonly json: unknown } | { readonly detail: string });

export type RecordingSource = (
  fromMs: EpochMs,
) => Promise<{ readonly bytes: number; readonly chunks: AsyncIterable<Uint8Array> } | null>;

export interface MailtideServer {
  /** Rejects with one sentence in words when the port is taken or not allowed. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** One call a turn: the newest state, to every screen; also the proof that the pipeline turns. */
  publish(state: LiveState, how?: { readonly cut?: boolean }): void;
  /** A fresh admin link, once usable within 15 minutes; the one before it stops working. */
  oneTimeLink(): Promise<string>;
  /** Says goodbye to the screens, lets running requests end, closes. May be called twice, or without `listen`. */
  close(): Promise<void>;
}

export type StreamFactory = (server: HttpServer, access: Access) => Stream;
export interface Stream {
  publish(state: LiveState, how?: { readonly cut?: boolean }): void;
  close(): Promise<void>;
}
