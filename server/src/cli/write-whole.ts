import { constants } from "node:fs";
import { access, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Says before the work, not after it, that a file cannot be written. Throws an Error in words. */
export async function checkWritable(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.isDirectory() === true) throw new Error(`${file}: is a folder; name a file`);
  await access(dirname(file), constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "there is no such folder" : "the folder cannot be written to";
    throw new Error(`${file}: cannot be written: ${why}`, { cause: error });
  });
}

/** Nobody ever finds half a file, or loses the one that was there before. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const begun = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(begun, text, { flag: "wx" });
    await rename(begun, file);
  } catch (error) {
    await rm(begun, { force: true });
    throw new Error(`${file}: cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
