import type { Cursor, DeltaMessage, Scope, SnapshotMessage } from "@mailtide/shared";
import { applyDelta, applySnapshot } from "./apply.ts";
import { readClock } from "./freshness.ts";
import type { Link, LiveView, MonotonicMs } from "./model.ts";

export interface StoreParts {
  readonly monotonicNow: () => MonotonicMs;
  /** Runs the callback once, at the next animation frame. */
  readonly schedule: (flush: () => void) => void;
  /** False while nobody can see the page: nothing is drawn then. */
  readonly isVisible: () => boolean;
  /** Called when a frame is missing, at most once until the server has answered. */
  readonly onGap: (held: Cursor | null) => void;
}

export interface LiveStore {
  readonly get: () => LiveView;
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: (message: SnapshotMessage) => void;
  readonly delta: (message: DeltaMessage) => void;
  /** What may be done now: a resume by deltas brings no snapshot that would say it. */
  readonly granted: (scopes: readonly Scope[]) => void;
  readonly link: (link: Link) => void;
  /** Lets the clock pass; called a few times a second and when the page becomes visible. */
  readonly tick: () => void;
  /** What to ask the server to continue from; null asks for everything. */
  readonly cursor: () => Cursor | null;
}

/** A resync that is not answered within this time is asked for again. */
const resyncAgainMs = 2_000;

/**
 * Holds the last word of the server and nothing older. Any number of frames between two animation frames is one
 * notification.
 */
export function createLiveStore(parts: StoreParts): LiveStore {
  const listeners = new Set<() => void>();
  let link: Link = { kind: "connecting", sinceMs: parts.monotonicNow() };
  let received: LiveView["received"] = null;
  let view: LiveView = { link, received, clock: readClock(link, received, parts.monotonicNow()) };
  let resyncAskedAtMs: MonotonicMs | null = null;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (!parts.isVisible()) return;
    const clock = readClock(link, received, parts.monotonicNow());
    const sameClock = JSON.stringify(clock) === JSON.stringify(view.clock);
    if (view.link === link && view.received === received && sameClock) return;
    view = { link, received, clock: sameClock ? view.clock : clock };
    for (const listener of listeners) listener();
  }

  function changed(): void {
    if (scheduled || !parts.isVisible()) return;
    scheduled = true;
    parts.schedule(flush);
  }

  function askResync(): void {
    const nowMs = parts.monotonicNow();
    if (resyncAskedAtMs !== null && nowMs - resyncAskedAtMs < resyncAgainMs) return;
    resyncAskedAtMs = nowMs;
    parts.onGap(received?.cursor ?? null);
  }

  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot(message) {
      received = applySnapshot(message, parts.monotonicNow());
      resyncAskedAtMs = null;
      changed();
    },
    delta(message) {
      const result = applyDelta(received, message, parts.monotonicNow());
      if (result.kind === "gap") askResync();
      if (result.kind !== "applied") return;
      received = result.received;
      resyncAskedAtMs = null;
      changed();
    },
    granted(scopes) {
      if (received !== null) received = { ...received, scopes };
      changed();
    },
    link(next) {
      link = next;
      changed();
    },
    tick: changed,
    cursor: () => received?.cursor ?? null,
  };
}
