import { lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Makes a folder and those that it lies in. Throws an Error in words, as `say` puts them around `cannot be made: WHY`. */
export function makeFolder(folder: string, say = (words: string) => `${folder} ${words}`, mode = 0o700): void {
  try {
    make(resolve(folder), mode);
  } catch (error) {
    throw new Error(say(`cannot be made: ${why(error as NodeJS.ErrnoException)}`), { cause: error });
  }
}

/** Whoever may not write somewhere is told so by one of these. */
export const isForbidden = (code: string | undefined): boolean =>
  code === "EACCES" || code === "EPERM" || code === "EROFS";

/**
 * Node.js' own `recursive` takes "no such file" for a parent that is missing, makes the parent and tries again, for ever, where
 * it is the file system that has no room for a folder: that of /proc answers so.
 */
function make(folder: string, mode: number): void {
  if (isFolder(folder)) return;
  make(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another was quicker.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function why({ code, path = "", message }: NodeJS.ErrnoException): string {
  if (isForbidden(code)) return "this user may not write there";
  if (code === "EEXIST" && lstatSync(path).isSymbolicLink()) return `${path} is a link that leads nowhere`;
  if (code === "EEXIST" || code === "ENOTDIR") return "a file stands in its way";
  return code === "ENOENT" && path !== "" ? `${dirname(path)} is no place for folders` : message;
}

/** To be thrown in the place of `error`: in words where the disk refused what was written to `path`, else as it is. */
export function inDiskWords(path: string, error: unknown): unknown {
  const { code } = error as { readonly code?: unknown };
  const why = typeof code === "string" ? refusals[code] : undefined;
  return why === undefined ? error : new Error(`${path} cannot be written: ${why}`, { cause: error });
}

const refusals: Readonly<Record<string, string | undefined>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "this user may not store more",
  EIO: "the disk fails",
  EROFS: "the disk is read-only",
};
