import type { NodeId } from "@mailtide/shared";
import type { QueueSnapshot } from "../../core/observation.ts";

/** The document of `mailtide queue`, and a row of a capture's `queue.jsonl`. */
export function queueDocument(snapshot: QueueSnapshot, node?: NodeId): Record<string, unknown> {
  const { atMs, mta, ...rest } = snapshot;
  return { version: 1, ...(node === undefined ? {} : { node }), at: new Date(atMs).toISOString(), mta, ...rest };
}
