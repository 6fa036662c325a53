import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isForbidden } from "../config/folder.ts";

/** Says before the work, not after it, that a file cannot be written: by beginning one. Throws an Error in words. */
export async function checkWritable(file: string): Promise<void> {
  if (await isFolder(file)) throw new Error(`${file}: is a folder; name a file`);
  const begun = draftOf(file);
  try {
    await writeFile(begun, "", { flag: "wx" });
    await rm(begun);
  } catch (error) {
    throw await unwritable(file, error as NodeJS.ErrnoException);
  }
}

/** Nobody ever finds half a file, or loses the one that was there before. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const begun = draftOf(file);
  try {
    await writeFile(begun, text, { flag: "wx" });
    await rename(begun, file);
  } catch (error) {
    await rm(begun, { force: true }).catch(() => undefined);
    throw await unwritable(file, error as NodeJS.ErrnoException);
  }
}

const draftOf = (file: string): string => `${file}.${process.pid}.tmp`;

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function unwritable(file: string, error: NodeJS.ErrnoException): Promise<Error> {
  const folder = dirname(file);
  // A file system may have no room for a file, and say "no such file": that of /proc does.
  const isPlace = error.code === "ENOENT" && (await isFolder(folder));
  const known = isForbidden(error.code) ? "the folder cannot be written to" : words[error.code ?? ""];
  const why = isPlace ? `${folder} is no place for files` : (known ?? error.message);
  return new Error(`${file}: cannot be written: ${why}`, { cause: error });
}

const words: Readonly<Record<string, string | undefined>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a file stands where its folder should",
  ENOSPC: "the disk is full",
};
