import { type FileHandle, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { openPlain } from "./plain-file.ts";
import { type FilePosition, fingerprintAt, matches, noFingerprint } from "./position.ts";

/** A file that was rotated away from the followed path. */
export interface RotatedFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/**
 * The plain files that logrotate and its kin leave beside `path`: a number or a date behind a dot or dash, or `.old`.
 * Oldest first. What cannot be looked at is left out.
 */
async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const folder = dirname(path);
  const name = basename(path);
  const found: RotatedFile[] = [];
  for (const entry of await readdir(folder).catch(() => [])) {
    if (!entry.startsWith(name) || !rotatedSuffix.test(entry.slice(name.length))) continue;
    const file = await openFile(join(folder, entry));
    if (file === undefined) continue;
    try {
      const { dev, ino, mtimeMs, size } = await file.stat();
      found.push({ path: join(folder, entry), device: dev, inode: ino, modifiedMs: mtimeMs, sizeBytes: size });
    } finally {
      await file.close();
    }
  }
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs || byAge(a.path, b.path));
}

const rotatedSuffix = /^(?:[.-]\d[\dT:_.-]*|[.-]old)$/;

/** Of two files changed at the same moment, `.2` is older than `.1`, and an earlier date older than a later. */
function byAge(a: string, b: string): number {
  const first = Number(/\.(\d{1,4})$/.exec(a)?.[1]);
  const second = Number(/\.(\d{1,4})$/.exec(b)?.[1]);
  if (!Number.isNaN(first) && !Number.isNaN(second)) return second - first;
  return a < b ? -1 : 1;
}

/**
 * The rotated file that holds what stood before `position`: the file itself under its new name, or a copy with the same
 * content. undefined when it was compressed, moved away or deleted.
 */
export async function rotatedFileOf(path: string, position: FilePosition): Promise<RotatedFile | undefined> {
  const rotated = await rotatedFiles(path);
  const renamed = rotated.find((file) => file.inode === position.inode && file.device === position.device);
  if (renamed !== undefined && (await holds(renamed, position))) return renamed;
  if (position.fingerprint.headBytes === 0) return undefined;
  // The newest copy that fits: an older one would be a coincidence.
  for (const file of rotated.reverse()) if (await holds(file, position)) return file;
  return undefined;
}

/** The oldest file that was rotated away after the one given; undefined when the path itself is next. */
export async function rotatedAfter(
  path: string,
  file: Pick<RotatedFile, "device" | "inode" | "modifiedMs">,
): Promise<RotatedFile | undefined> {
  const rotated = await rotatedFiles(path);
  const index = rotated.findIndex((other) => other.inode === file.inode && other.device === file.device);
  if (index >= 0) return rotated[index + 1];
  return rotated.find((other) => other.modifiedMs > file.modifiedMs);
}

/** Inodes of the rotated files that are there now. */
export async function rotatedInodes(path: string): Promise<readonly number[]> {
  return (await rotatedFiles(path)).map(({ inode }) => inode).slice(-mostBeside);
}

/**
 * The oldest rotated file that came after those in `beside`, has something in it and is not the file itself nor a copy being
 * made of what that holds now: its lines stood in the file, and the file was emptied before they were read there.
 */
export async function unreadCopy(
  path: string,
  file: FileHandle,
  beside: readonly number[],
): Promise<RotatedFile | undefined> {
  const { ino } = await file.stat();
  for (const other of await rotatedFiles(path)) {
    if (other.inode === ino || other.sizeBytes === 0 || beside.includes(other.inode)) continue;
    const handle = await openFile(other.path);
    if (handle === undefined) continue;
    try {
      const [now, then] = [await fingerprintAt(file, 0), await fingerprintAt(handle, 0)];
      // Of a copy that is being made the beginning is there first.
      const bytes = Math.min(now.headBytes, then.headBytes);
      const whole = { ...noFingerprint, ...(now.headBytes <= bytes ? now : then) };
      const isOfNow = bytes > 0 && (await matches(now.headBytes <= bytes ? handle : file, 0, whole));
      if (!isOfNow) return other;
    } finally {
      await handle.close();
    }
  }
  return undefined;
}

const mostBeside = 100;

async function holds(file: RotatedFile, position: FilePosition): Promise<boolean> {
  if (file.sizeBytes < position.offset) return false;
  const handle = await openFile(file.path);
  if (handle === undefined) return false;
  try {
    return await matches(handle, position.offset, position.fingerprint);
  } finally {
    await handle.close();
  }
}

/** undefined when it is gone, not readable, or no file. */
export async function openFile(path: string): Promise<FileHandle | undefined> {
  return (await openPlain(path).catch(() => undefined))?.handle;
}
