import type { Server as HttpServer } from "node:http";
import type { EpochMs, LiveState, Scope, Seconds } from "@mailtide/shared";
import type { Change } from "../core/observation.ts";
import type { OperatorCommands, Principal } from "../core/principal.ts";
import type { Logger } from "../observe/logger.ts";
import type { Access } from "./auth/access.ts";

/** Everything the HTTP side needs, given once by the composition. */
export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly auth: AuthSettings;
  readonly state: KeyValue;
  readonly commands: OperatorCommands;
  readonly changes: ChangeLog;
  readonly metrics: HttpMetrics;
  /** Puts the live stream on the same port. */
  readonly stream: StreamFactory;
  /** The built client; null serves the API alone. */
  readonly clientFolder: string | null;
  readonly logger: Logger;
  readonly now: () => EpochMs;
  /** `/healthz` fails when no state was published for this long. Default 15. */
  readonly turnLimitSeconds?: Seconds;
}

export interface MailtideServer {
  /** Rejects with one sentence in words when the port is taken or not allowed. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** One call a turn: the newest state, to every screen; also the proof that the pipeline turns. */
  publish(state: LiveState): void;
  /** A fresh admin link, once usable within 15 minutes; the one before it stops working. */
  oneTimeLink(): Promise<string>;
  /** Says goodbye to the screens, lets running requests end, closes. May be called twice, or without `listen`. */
  close(): Promise<void>;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Where browsers find it, when not at `host:port`; decides links, the cookie's Secure flag and the allowed Origin. */
  readonly publicUrl?: string | undefined;
  /** Paths of PEM files, or the PEM texts themselves. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Addresses or CIDR prefixes of the reverse proxies whose X-Forwarded-* lines are believed. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Further origins whose pages may open the socket. */
  readonly allowedOrigins?: readonly string[] | undefined;
}
export interface Secret {
  reveal(): string;
}
export interface AuthSettings {
  readonly tokens: readonly { readonly name: string; readonly secret: Secret; readonly scopes: readonly Scope[] }[];
  /** A header set by an authenticating proxy, believed from these addresses only. */
  readonly proxyHeader?: ProxyHeader | undefined;
}
export interface ProxyHeader {
  readonly header: string;
  readonly trustedProxies: readonly string[];
  readonly scopes: readonly Scope[];
}

/** The part of the state store that is used here. */
export interface KeyValue {
  get(key: string): Promise<string | null>;
  set(key: string, value: string | null): Promise<void>;
  audit(entry: AuditEntry): Promise<void>;
}
export interface AuditEntry {
  readonly atMs: EpochMs;
  readonly principal: string;
  readonly action: string;
  readonly detail: string;
}

/** Where changes are kept. The id comes from the caller: the same id again is the same change. */
export interface ChangeLog {
  record(change: Change, by: Principal): Promise<"recorded" | "known">;
  end(id: string, endAtMs: EpochMs, by: Principal): Promise<"ended" | "unknown">;
}

export interface HttpMetrics {
  /** The whole exposition, Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
  requestAnswered(route: string, method: string, status: number, seconds: Seconds): void;
  signedIn(kind: "token" | "link"): void;
  signInRefused(why: "wrong" | "limited" | "expired"): void;
}

export type StreamFactory = (server: HttpServer, access: Access) => Stream;
export interface Stream {
  publish(state: LiveState): void;
  close(): Promise<void>;
}
