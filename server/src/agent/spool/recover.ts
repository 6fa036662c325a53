import { randomUUID } from "node:crypto";
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../config/folder.ts";
import { continued, type Dropped, type SegmentHead } from "./line.ts";
import { createSegment, isSegment, linesAt, openSegment, removeSegment, type Segment } from "./segment.ts";

export interface Recovered {
  readonly epoch: string;
  readonly segments: Segment[];
  readonly positions: Map<string, string>;
  readonly lastSeq: number;
  readonly dropped: Dropped;
  /** No record beyond this number has left this host. */
  readonly sent: number;
}

/**
 * Stands where the last whole line of the spool stands; what a crash tore is cut off. A line that was damaged later costs
 * itself: its number is missing, and so it is counted as lost where it was not sent before. Without a spool a new one begins under
 * a new epoch. Throws, in words, when the newest file's head cannot be read,
 * or the folder cannot be made.
 */
export async function recover(folder: string): Promise<Recovered> {
  makeSpoolFolder(folder);
  const names = (await readdir(folder)).sort();
  // Drafts of a head that were never renamed.
  for (const name of names.filter((each) => each.endsWith(".spool.new"))) await unlink(join(folder, name));
  const segments: Segment[] = [];
  for (const name of names.filter(isSegment)) segments.push(await openSegment(folder, name));
  const last = segments.at(-1);
  if (last === undefined) return begin(folder);
  const found = await readNewest(last);
  if (found === null) {
    for (const { handle } of segments) await handle.close();
    throw new Error(`the spool in ${folder} is damaged: move ${last.path} away to begin a new one`);
  }
  const kept: Segment[] = [];
  for (const [index, segment] of segments.entries()) {
    const following = segments[index + 1];
    // It was said that it is dropped, and the crash came before it was done.
    if (following !== undefined && following.firstSeq - 1 <= found.dropped.through) await removeSegment(segment);
    else kept.push(segment);
  }
  if (!found.damaged) return { ...found, segments: kept };
  const lastSeq = found.lastSeq + safeDistance;
  kept.push(await createSegment(folder, headAfter({ ...found, lastSeq })));
  return { ...found, lastSeq, segments: kept };
}

/** Throws in words. */
export function makeSpoolFolder(folder: string): void {
  const mend = "make it for the user that the agent runs as, or name another by agent.spool.path";
  makeFolder(folder, (words) => `the spool ${folder} ${words}; ${mend}`);
}

/** Damaged lines at the very end may have been sent: numbers are left out, as many as they can have had. */
const safeDistance = 1_000_000;

export function headAfter(spool: Pick<Recovered, "epoch" | "lastSeq" | "dropped" | "sent" | "positions">): SegmentHead {
  const { epoch, lastSeq, dropped, sent, positions } = spool;
  return { version: 1, epoch, firstSeq: lastSeq + 1, dropped, sent, positions: Object.fromEntries(positions) };
}

async function begin(folder: string): Promise<Recovered> {
  const epoch = randomUUID();
  const dropped = { through: 0, lines: 0 };
  const spool = { epoch, lastSeq: 0, dropped, sent: 0, positions: new Map<string, string>() };
  return { ...spool, segments: [await createSegment(folder, headAfter(spool))] };
}

interface NewestFile extends Omit<Recovered, "segments"> {
  /** What was cut off at its end was not merely torn. */
  readonly damaged: boolean;
}

/** The newest file knows everything that the older ones knew. */
async function readNewest(segment: Segment): Promise<NewestFile | null> {
  let head: SegmentHead | null = null;
  /** A line was damaged, and no number behind it tells which. */
  let damaged = false;
  let isHoled = false;
  let positions = new Map<string, string>();
  let lastSeq = 0;
  let dropped: Dropped = { through: 0, lines: 0 };
  let sent: number | undefined;
  let offset = 0;
  /** Behind the last record that is complete with those that belong to it. */
  let completeAt = 0;
  for (;;) {
    const lines = await linesAt(segment, offset, 1 << 20);
    if (lines.length === 0) break;
    for (const { line, end, hasEnd } of lines) {
      offset = end;
      if (line === null) {
        damaged ||= hasEnd;
        isHoled ||= hasEnd;
        continue;
      }
      if (line.kind === "record" && line.record.position === continued) continue;
      if (line.kind === "mark") ({ dropped, sent = sent } = line.mark);
      else if (line.kind === "head") {
        head = line.head;
        positions = new Map(Object.entries(head.positions));
        lastSeq = head.firstSeq - 1;
        ({ dropped, sent } = head);
        damaged = false;
      } else {
        lastSeq = line.record.seq;
        if (line.record.position !== "") positions.set(line.record.collector, line.record.position);
        damaged = false;
      }
      completeAt = end;
    }
  }
  if (head?.version !== 1) return null;
  await segment.handle.truncate(completeAt);
  segment.bytes = completeAt;
  // What an earlier version, or a damaged line, does not tell is believed to have been sent.
  const believed = isHoled ? Math.max(sent ?? 0, lastSeq) : (sent ?? lastSeq);
  return { epoch: head.epoch, positions, lastSeq, dropped, sent: believed, damaged };
}
