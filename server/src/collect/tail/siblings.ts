import type { Stats } from "node:fs";
import { isApart, lowestNumber, missingBetween } from "./between.ts";
import { type LogFile, openLog } from "./log-file.ts";
import { type FilePosition, type KnownPlace, longestTraceBytes, recognised, tracesAt } from "./position.ts";
import { type LogPlace, type RotatedFile, rotatedFiles } from "./rotated.ts";

/**
 * The rotated file that holds what stood before `position`: the file itself under its new name, packed perhaps, or a copy
 * with the same content. undefined when it was moved away or deleted.
 */
export async function rotatedFileOf(log: LogPlace, position: FilePosition): Promise<RotatedFile | undefined> {
  const rotated = await rotatedFiles(log);
  const renamed = rotated.find((file) => isSame(file, position));
  if (renamed !== undefined && (await holds(renamed, position))) return renamed;
  return copyAmong(rotated, position);
}

/** The newest that fits: an older one would be a coincidence. */
async function copyAmong(rotated: readonly RotatedFile[], position: FilePosition): Promise<RotatedFile | undefined> {
  const { fingerprint, modifiedMs = 0 } = position;
  if (fingerprint.headBytes === 0) return undefined;
  for (const file of rotated.toReversed()) {
    // To look into one that is packed costs unpacking it; packers keep the time, some of them the whole second.
    if (file.isPacked && file.modifiedMs < modifiedMs - 1_000) continue;
    if (await holds(file, position)) return file;
  }
  return undefined;
}

export interface NextFile {
  /** The one that was read, by the name that it has now; undefined when it is gone. */
  readonly left: RotatedFile | undefined;
  /** undefined when the path itself is next. */
  readonly file: RotatedFile | undefined;
  /** Files that stood between and are gone; at least, as far as that can be shown. */
  readonly missing: number;
  /** The number of the newest rotated file. */
  readonly newestNumber: number | undefined;
}

/**
 * What is to be read after the file of `position`, all of which was read. `last`: that file as it is now; `known`: what it
 * was found to have become before.
 */
export async function rotatedAfter(
  log: LogPlace,
  position: FilePosition,
  last: Stats,
  known: RotatedFile | undefined,
): Promise<NextFile> {
  const rotated = await rotatedFiles(log);
  const newestNumber = lowestNumber(rotated);
  const left =
    rotated.find((file) => isSame(file, position) || (known !== undefined && isSame(file, known))) ??
    // Packed meanwhile.
    (await copyAmong(
      rotated.filter(({ isPacked }) => isPacked),
      position,
    ));
  if (left !== undefined) {
    const file = rotated[rotated.indexOf(left) + 1];
    return {
      left,
      file,
      missing: await missingBetween(left, file, rotated, position.newestNumber, log.path),
      newestNumber,
    };
  }
  const file = rotated.find(({ modifiedMs }) => modifiedMs > last.mtimeMs);
  return { left, file, missing: (await isApart(last, file, log.path)) ? 1 : 0, newestNumber };
}

/**
 * Those that were written to after what was read at a position, oldest first. A packed one that begins as that file did is
 * what is left of it: what was read stands in it too.
 */
export async function rotatedSince(log: LogPlace, { modifiedMs, fingerprint }: FilePosition): Promise<RotatedFile[]> {
  if (modifiedMs === undefined) return [];
  const { headBytes, head } = fingerprint;
  const beginning = { offset: 0, fingerprint: { headBytes, head, tailBytes: 0, tail: "" } };
  const since: RotatedFile[] = [];
  for (const file of await rotatedFiles(log)) {
    if (file.modifiedMs <= modifiedMs) continue;
    const mayBeLeft = file.isPacked && headBytes === longestTraceBytes;
    if (!mayBeLeft || !(await holds(file, beginning))) since.push(file);
  }
  return since;
}

/** The number of the newest file that was rotated away from it. */
export async function newestNumberOf(log: LogPlace): Promise<number | undefined> {
  return lowestNumber(await rotatedFiles(log));
}

/** Inodes of the rotated files that are there now. */
export async function rotatedInodes(log: LogPlace): Promise<readonly number[]> {
  return (await rotatedFiles(log)).map(({ inode }) => inode).slice(-mostBeside);
}

/**
 * The oldest rotated file that came after those in `beside`, has something in it and is not the file itself nor a copy being
 * made of what that holds now: its lines stood in the file, and the file was emptied before they were read there. To be
 * packed gives an old file a new inode, but not a new time: `modifiedMs`, when the file was known to be empty.
 */
export async function unreadCopy(
  log: LogPlace,
  file: LogFile,
  beside: readonly number[],
  modifiedMs: number,
): Promise<RotatedFile | undefined> {
  const { ino } = await file.stat();
  for (const other of await rotatedFiles(log)) {
    if (other.inode === ino || other.sizeBytes === 0 || beside.includes(other.inode)) continue;
    if (other.isPacked && other.modifiedMs <= modifiedMs) continue;
    const copy = await openLog(other.path).catch(() => null);
    if (copy === null) continue;
    try {
      const [{ head: now }, { head: then }] = [await tracesAt(file, 0), await tracesAt(copy.handle, 0)];
      // Of a copy that is being made the beginning is there first.
      const bytes = Math.min(now.length, then.length);
      if (bytes === 0 || !now.subarray(0, bytes).equals(then.subarray(0, bytes))) return other;
    } finally {
      await copy.handle.close();
    }
  }
  return undefined;
}

const mostBeside = 100;

async function holds(file: RotatedFile, place: KnownPlace): Promise<boolean> {
  if (!file.isPacked && file.sizeBytes < place.offset) return false;
  const opened = await openLog(file.path).catch(() => null);
  if (opened === null) return false;
  try {
    return (await recognised(opened.handle, place)) !== null;
  } finally {
    await opened.handle.close();
  }
}

function isSame(file: RotatedFile, { device, inode }: Pick<RotatedFile, "device" | "inode">): boolean {
  return file.inode === inode && file.device === device;
}
