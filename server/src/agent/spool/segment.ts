import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { headLine, parseLine, type SegmentHead, type SpoolLine } from "./line.ts";

/** One file of the spool, named by its first record. */
export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  readonly handle: FileHandle;
  /** Whole lines end here. */
  bytes: number;
}

const segmentName = (firstSeq: number): string => `${String(firstSeq).padStart(16, "0")}.spool`;
export const isSegment = (name: string): boolean => /^\d{16}\.spool$/.test(name);

/** A file appears under its name with its head on disk, or not at all. */
export async function createSegment(folder: string, head: SegmentHead): Promise<Segment> {
  const path = join(folder, segmentName(head.firstSeq));
  const draft = `${path}.new`;
  const bytes = headLine(head);
  const handle = await open(draft, "w+", 0o600);
  try {
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.datasync();
    await rename(draft, path);
    await syncFolder(folder);
  } catch (error) {
    await handle.close();
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  return { path, firstSeq: head.firstSeq, handle, bytes: bytes.length };
}

export async function openSegment(folder: string, name: string): Promise<Segment> {
  const path = join(folder, name);
  const handle = await open(path, "r+");
  const { size } = await handle.stat();
  return { path, firstSeq: Number(name.slice(0, 16)), handle, bytes: size };
}

export async function removeSegment({ path, handle }: Segment): Promise<void> {
  await handle.close();
  await unlink(path);
}

export interface LineAt {
  /** null: not whole. */
  readonly line: SpoolLine | null;
  /** Behind its newline; where a last line has none, behind its last byte. */
  readonly end: number;
  readonly hasEnd: boolean;
}

/** The lines from a byte on, as many as about `wantBytes` hold, at least one; none at the end. */
export async function linesAt(segment: Segment, from: number, wantBytes: number): Promise<LineAt[]> {
  for (let size = wantBytes; ; size *= 2) {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(size, segment.bytes - from)));
    if (buffer.length === 0) return [];
    const { bytesRead } = await segment.handle.read(buffer, 0, buffer.length, from);
    const whole = from + bytesRead >= segment.bytes || bytesRead < buffer.length;
    const found = split(buffer.subarray(0, bytesRead), from, whole);
    if (found.length > 0 || whole) return found;
  }
}

function split(buffer: Buffer, from: number, whole: boolean): LineAt[] {
  const found: LineAt[] = [];
  let start = 0;
  for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, start)) {
    found.push({ line: parseLine(buffer.subarray(start, at)), end: from + at + 1, hasEnd: true });
    start = at + 1;
  }
  if (whole && start < buffer.length) found.push({ line: null, end: from + buffer.length, hasEnd: false });
  return found;
}

/** A new name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
