import { isDeepStrictEqual } from "node:util";
import type { ChangeObservation, ProbeObservation, QueueObservation } from "../core/observation.ts";
import { readProbe, readQueue } from "../replay/rows.ts";

/** What a listing knows beside its document. */
export interface QueueExtra {
  readonly atMs: number;
  readonly endMs: number;
  readonly unknown: QueueObservation["unknown"];
  readonly unknownDropped: number;
  readonly vanished: readonly string[];
}

/** The row of `queue.jsonl` and what it has no place for; null when reading it back would not give the same. */
export function queueRow(one: QueueObservation): { readonly row: string; readonly extra: QueueExtra } | null {
  const { snapshot, kind: _kind, node, ...extra } = one;
  const { atMs, ...rest } = snapshot;
  const row = JSON.stringify({ version: 1, at: instant(atMs), ...rest });
  return reads(() => ({ ...readQueue(JSON.parse(row), node), ...extra }), one) ? { row, extra } : null;
}

/** The row of `probes.jsonl`; null when reading it back would not give the same. */
export function probeRow(one: ProbeObservation): string | null {
  const { kind: _kind, atMs, ...rest } = one;
  const row = JSON.stringify({ at: instant(atMs), ...rest });
  return reads(() => readProbe(JSON.parse(row)), one) ? row : null;
}

/** A row of `changes.jsonl`, for readers without receive times. */
export function changeRow({ change }: ChangeObservation): string {
  const { id: _id, startAtMs, endAtMs, title, ...rest } = change;
  const end = endAtMs === undefined ? {} : { endAt: instant(endAtMs) };
  return JSON.stringify({ startAt: instant(startAtMs), title, ...end, ...rest });
}

function reads(read: () => unknown, wanted: unknown): boolean {
  try {
    return isDeepStrictEqual(read(), wanted);
  } catch {
    return false;
  }
}

export const instant = (atMs: number): string => new Date(atMs).toISOString();
