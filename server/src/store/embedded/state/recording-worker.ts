import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, inflateRawSync } from "node:zlib";
import { serve } from "../../worker/serve.ts";
import { type Engine, openEngine } from "../engine.ts";
import {
  beyondBounds,
  recordingFolder,
  removeDrafts,
  type Segment,
  segmentName,
  segmentsIn,
} from "./recording-files.ts";

/** So much text goes into one file. */
const segmentBytes = 32 << 20;

export interface Archived {
  readonly segments: number;
  readonly bytes: number;
  readonly droppedSegments: number;
}

const api = {
  /**
   * Puts the committed turns up to `throughSeq` that no segment holds into segments, and forgets what the bounds have no room
   * for. Reads the database over a connection of its own, so that no commit waits. A segment gets its name once it is
   * whole and on disk: a crash leaves it out, and its turns stay in the journal.
   */
  archive(stateFolder: string, throughSeq: number, keepSeconds: number, maxBytes: number): Archived {
    const folder = recordingFolder(stateFolder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeDrafts(folder);
    const engine = openEngine(join(stateFolder, "state.db"));
    try {
      let last = segmentsIn(folder).at(-1)?.lastSeq ?? -1;
      if (last > newestTurn(engine)) {
        // The state was put back to an earlier one: these turns are another life's.
        rmSync(folder, { recursive: true });
        mkdirSync(folder, { mode: 0o700 });
        last = -1;
      }
      for (let done = false; !done;) {
        const next = writeSegment(engine, folder, last, throughSeq);
        done = next === null;
        last = next ?? last;
      }
    } finally {
      engine.close();
    }
    const segments = segmentsIn(folder);
    const dropped = beyondBounds(segments, keepSeconds, maxBytes);
    for (const { path } of dropped) rmSync(path);
    const kept = segments.slice(dropped.length);
    const bytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
    return { segments: kept.length, bytes, droppedSegments: dropped.length };
  },
  segments: (stateFolder: string): Segment[] => segmentsIn(recordingFolder(stateFolder)),
};
export type RecordingApi = typeof api;

serve(api);

function newestTurn(engine: Engine): number {
  const journal = Number(engine.prepare("SELECT coalesce(max(seq), -1) FROM journal").one()?.[0]);
  const checkpoint = Number(engine.prepare("SELECT coalesce(max(journal_seq), -1) FROM checkpoint").one()?.[0]);
  return Math.max(journal, checkpoint);
}

/** The last turn that it holds; null when there was none to write. A segment never spans a hole. */
function writeSegment(engine: Engine, folder: string, afterSeq: number, throughSeq: number): number | null {
  const next = engine.prepare("SELECT seq, body FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1");
  const lines: Buffer[] = [];
  const span = { firstSeq: 0, lastSeq: afterSeq, fromMs: 0, toMs: 0 };
  for (let bytes = 0; bytes < segmentBytes;) {
    const row = next.one(span.lastSeq, throughSeq);
    if (row === undefined) break;
    const seq = Number(row[0]);
    if (lines.length > 0 && seq !== span.lastSeq + 1) break;
    const turn = inflateRawSync(row[1] as Uint8Array);
    const nowMs = nowOf(turn);
    if (lines.length === 0) Object.assign(span, { firstSeq: seq, fromMs: nowMs });
    span.lastSeq = seq;
    span.toMs = Math.max(span.toMs, nowMs);
    lines.push(Buffer.from(`${seq} `), turn, newline);
    bytes += turn.length;
  }
  if (lines.length === 0) return null;
  const path = join(folder, segmentName(span.firstSeq, span.lastSeq, span.fromMs, span.toMs));
  writeWhole(path, gzipSync(Buffer.concat(lines)));
  return span.lastSeq;
}

const newline = Buffer.from("\n");

/** The journal writes a turn's time first. */
function nowOf(turn: Buffer): number {
  const head = /^\{"nowMs":(\d+)/.exec(turn.toString("latin1", 0, 40))?.[1];
  return head === undefined ? (JSON.parse(turn.toString("utf8")) as { nowMs: number }).nowMs : Number(head);
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const draft = `${path}.draft`;
  const file = openSync(draft, "w", 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(join(path, ".."), "r");
  fsyncSync(folder);
  closeSync(folder);
}
