import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Tick } from "../core/observation.ts";

/**
 * A turn as it is kept until the next checkpoint: JSON, deflated at the fastest level, which halves the disk traffic of a
 * busy node for less than a millisecond a turn.
 */
export function encodeTick(tick: Tick): Uint8Array {
  return deflateRawSync(JSON.stringify(tick), { level: 1 });
}

/** Throws when the bytes are not a turn: a journal that cannot be read must be noticed, not skipped. */
export function decodeTick(bytes: Uint8Array): Tick {
  return JSON.parse(inflateRawSync(bytes).toString("utf8")) as Tick;
}
