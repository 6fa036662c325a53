import { lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { whyNotMade } from "./disk-words.ts";

/** Makes a folder and those that it lies in. Throws an Error in words, as `say` puts them around `cannot be made: WHY`. */
export function makeFolder(folder: string, say = (words: string) => `${folder} ${words}`, mode = 0o700): void {
  try {
    make(resolve(folder), mode);
  } catch (error) {
    throw new Error(say(`cannot be made: ${why(error as NodeJS.ErrnoException)}`), { cause: error });
  }
}

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

function why(error: NodeJS.ErrnoException): string {
  const { code, path = "" } = error;
  if (code === "EEXIST" && lstatSync(path).isSymbolicLink()) return `${path} is a link that leads nowhere`;
  return code === "EEXIST" || code === "ENOTDIR" ? "a file stands in its way" : whyNotMade("folders", path, error);
}
