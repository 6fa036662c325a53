import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * Opens a file to be read, and nothing else: to open a pipe is to wait for its writer, on one of the few threads that all
 * files share. Throws what opening throws, EISDIR for a folder, and in words what else is no file.
 */
export async function openPlain(path: string): Promise<{ readonly handle: FileHandle; readonly stats: Stats }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw noFile(stats);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function noFile(stats: Stats): Error {
  if (stats.isDirectory()) return Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  if (!stats.isFIFO()) return new Error("it is a device, not a file");
  return new Error("it is a pipe, not a file: have the lines written to a file, or pipe them in (stdin: true)");
}
