import type { DeltaMessage, SnapshotMessage } from "@mailtide/shared";
import type { MonotonicMs, Received } from "./model.ts";

export type Applied =
  | { readonly kind: "applied"; readonly received: Received }
  /** Already known: the server sends again what a resync may have crossed with. */
  | { readonly kind: "duplicate" }
  /** A frame is missing, or the server restarted: ask for a resync and draw nothing of this. */
  | { readonly kind: "gap" };

export function applySnapshot(message: SnapshotMessage, atMs: MonotonicMs): Received {
  return { state: message.state, cursor: message.cursor, scopes: message.scopes, frameAtMs: atMs, metaAtMs: atMs };
}

/** Replaces whole sections, only when `message` directly follows what we hold. */
export function applyDelta(held: Received | null, message: DeltaMessage, atMs: MonotonicMs): Applied {
  if (held === null || message.cursor.serverEpoch !== held.cursor.serverEpoch) return { kind: "gap" };
  if (message.cursor.seq <= held.cursor.seq) return { kind: "duplicate" };
  if (message.cursor.seq !== held.cursor.seq + 1) return { kind: "gap" };
  return {
    kind: "applied",
    received: {
      state: { ...held.state, ...message.changed },
      cursor: message.cursor,
      scopes: held.scopes,
      frameAtMs: atMs,
      metaAtMs: message.changed.meta === undefined ? held.metaAtMs : atMs,
    },
  };
}
