import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { packingOf } from "./packed-log.ts";
import { openPlain } from "./plain-file.ts";

/** Where a followed log is, and where what is rotated away from it is left. */
export interface LogPlace {
  readonly path: string;
  /** A folder beside the log's own into which it is rotated, from there or absolute (logrotate's `olddir`). */
  readonly olddir?: string | undefined;
}

/** A file that was rotated away from the followed path. */
export interface RotatedFile {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  readonly modifiedMs: number;
  /** When it was last renamed, or changed in any other way. */
  readonly changedMs: number;
  /** When it came to be, where the file system tells; of a packed one, when it was packed. */
  readonly bornMs: number;
  readonly sizeBytes: number;
  readonly isPacked: boolean;
  /** The one in `mail.log.1`: a rotation makes it one more. */
  readonly number?: number;
}

/**
 * The files that logrotate and its kin leave of a log: a number or a date behind a dot or dash, or `.old`, packed or not.
 * Oldest first. What cannot be looked at is left out, and so is what is being packed or unpacked.
 */
export async function rotatedFiles({ path, olddir }: LogPlace): Promise<RotatedFile[]> {
  const own = dirname(path);
  const folders = new Set([own, resolve(own, olddir ?? ".")]);
  const found: RotatedFile[] = [];
  for (const folder of folders) found.push(...(await rotatedInto(folder, basename(path))));
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs || byAge(a, b));
}

async function rotatedInto(folder: string, name: string): Promise<RotatedFile[]> {
  const entries = await readdir(folder).catch(() => []);
  const rotated = entries.filter((entry) => entry.startsWith(name) && rotatedSuffix.test(entry.slice(name.length)));
  const plain = new Set(rotated.filter((entry) => packingOf(entry) === undefined));
  const found: RotatedFile[] = [];
  for (const entry of rotated) {
    const isPacked = !plain.has(entry);
    if (isPacked && plain.has(entry.slice(0, entry.lastIndexOf(".")))) continue;
    const file = await fileAt(join(folder, entry));
    if (file === null) continue;
    const number = numberIn.exec(entry.slice(name.length))?.[1];
    found.push({ ...file, isPacked, ...(number !== undefined && { number: Number(number) }) });
  }
  return found;
}

const rotatedSuffix = /^[.-](?:\d[\dT:_.-]*|old)(?:\.(?:gz|zst|xz|bz2))?$/;
const numberIn = /^\.(\d{1,4})(?:\.[a-z]\w*)?$/;

async function fileAt(path: string): Promise<Omit<RotatedFile, "isPacked"> | null> {
  const opened = await openPlain(path).catch(() => null);
  if (opened === null) return null;
  await opened.handle.close();
  const { dev, ino, mtimeMs, ctimeMs, birthtimeMs, size } = opened.stats;
  const times = { modifiedMs: mtimeMs, changedMs: ctimeMs, bornMs: birthtimeMs };
  return { path, device: dev, inode: ino, ...times, sizeBytes: size };
}

/** Of two files changed at the same moment, `.2` is older than `.1`, and an earlier date older than a later. */
function byAge(a: RotatedFile, b: RotatedFile): number {
  if (a.number !== undefined && b.number !== undefined) return b.number - a.number;
  return basename(a.path) < basename(b.path) ? -1 : 1;
}
