import { rename, rm, stat, writeFile } from "node:fs/promises";
import { whyNotMade } from "../config/disk-words.ts";

/** Says before the work, not after it, that a file cannot be written: by beginning one. Throws an Error in words. */
export async function checkWritable(file: string): Promise<void> {
  if (await isFolder(file)) throw new Error(`${file}: is a folder; name a file`);
  const begun = draftOf(file);
  try {
    await writeFile(begun, "", { flag: "wx" });
    await rm(begun);
  } catch (error) {
    throw unwritable(file, error as NodeJS.ErrnoException);
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
    throw unwritable(file, error as NodeJS.ErrnoException);
  }
}

const draftOf = (file: string): string => `${file}.${process.pid}.tmp`;

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const unwritable = (file: string, error: NodeJS.ErrnoException): Error =>
  new Error(`${file}: cannot be written: ${whyNotMade("files", file, error)}`, { cause: error });
