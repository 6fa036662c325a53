import type { CollectorFreshness, Cursor, EpochMs, LiveState, Scope, Seconds } from "@mailtide/shared";

/** Monotonic milliseconds of this browser (`performance.now()`); never compared with the server's clock. */
export type MonotonicMs = number;

export type Link =
  | { readonly kind: "connecting"; readonly sinceMs: MonotonicMs }
  | { readonly kind: "open" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "unauthorized"; readonly revoked: boolean }
  | { readonly kind: "outdated"; readonly detail: string };

/** Why a screen may not be believed; `what` names what stopped. */
export type Staleness =
  | { readonly kind: "frames"; readonly sinceMs: EpochMs }
  | {
      readonly kind: "collector";
      readonly sinceMs: EpochMs | null;
      readonly collector: CollectorFreshness;
      readonly others: number;
    };

/** Part of what the screen rests on is out of sight. */
export interface Silence {
  /** The one of each silent host that has been silent for longest, the oldest first. */
  readonly collectors: readonly CollectorFreshness[];
  /** All hosts that the screen rests on. */
  readonly hosts: number;
}

export interface Clock {
  /** The server's time now, whole seconds; null before the first frame. */
  readonly siteNowMs: EpochMs | null;
  /** Age of the slowest required collector's data, whole seconds; null when nothing required has spoken. */
  readonly ageSeconds: Seconds | null;
  /** null while the screen may be believed. */
  readonly stale: Staleness | null;
  /** Hosts from which nothing current comes while others still speak: what is shown is a lower bound. Never together with `stale`. */
  readonly silence: Silence | null;
  /** Set when no first frame came for ten seconds. */
  readonly unreachable: boolean;
}

/** What the server last said, and when it reached us. */
export interface Received {
  readonly state: LiveState;
  readonly cursor: Cursor;
  readonly scopes: readonly Scope[];
  /** Any frame. */
  readonly frameAtMs: MonotonicMs;
  /** The frame that brought `state.meta`, whose `nowMs` anchors the site's clock. */
  readonly metaAtMs: MonotonicMs;
}

/** Everything that a view may read. Sections keep their identity until the server replaces them. */
export interface LiveView {
  readonly link: Link;
  readonly received: Received | null;
  readonly clock: Clock;
}
