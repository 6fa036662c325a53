import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";

/** A file of turns: gzip of lines `SEQ JSON`, in order, without a hole. Its name says what it holds. */
export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly bytes: number;
}

export const recordingFolder = (stateFolder: string): string => join(stateFolder, "recording");

export function segmentName(firstSeq: number, lastSeq: number, fromMs: EpochMs, toMs: EpochMs): string {
  return `${String(firstSeq).padStart(12, "0")}-${lastSeq}-${fromMs}-${toMs}.turns.gz`;
}

/** Oldest first. What another name bears is not ours. */
export function segmentsIn(folder: string): Segment[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const [, first, last, from, to] = /^(\d+)-(\d+)-(\d+)-(\d+)\.turns\.gz$/.exec(name) ?? [];
      if (to === undefined) return [];
      const path = join(folder, name);
      const numbers = { firstSeq: Number(first), lastSeq: Number(last), fromMs: Number(from), toMs: Number(to) };
      return [{ path, ...numbers, bytes: statSync(path).size }];
    });
}

/** What was begun when the program died; its turns are still in the journal. */
export function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(".draft")) rmSync(join(folder, name));
}

/** The segments that the bounds have no room for, oldest first. */
export function beyondBounds(segments: readonly Segment[], keepSeconds: number, maxBytes: number): Segment[] {
  const newestMs = segments.at(-1)?.toMs ?? 0;
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const dropped: Segment[] = [];
  for (const segment of segments) {
    if (segment.toMs >= newestMs - keepSeconds * 1000 && bytes <= maxBytes) break;
    dropped.push(segment);
    bytes -= segment.bytes;
  }
  return dropped;
}
