import type { EpochMs, LiveState, NodeId, Scope, Seconds } from "@mailtide/shared";
import type { Change } from "../core/observation.ts";
import type { Principal } from "../core/principal.ts";

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
  readonly tokens: readonly {
    readonly name: string;
    readonly secret: Secret;
    readonly scopes: readonly Scope[];
    /** An agent's: the node that it collects for. */
    readonly node?: NodeId | undefined;
  }[];
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
  end(id: string, endAtMs: EpochMs, by: Principal): Promise<"ended" | "unknown" | "before-start">;
}

export interface HttpMetrics {
  /** The whole exposition, Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
  /** The newest state, for the gauges. */
  showState(state: LiveState): void;
  requestAnswered(route: string, method: string, status: number, seconds: Seconds): void;
  signedIn(kind: "token" | "link"): void;
  signInRefused(why: "wrong" | "limited" | "expired"): void;
}
