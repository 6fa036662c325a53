import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { openPlain } from "./plain-file.ts";
import { PackedLog, packingOf } from "./packed-log.ts";

/** A log as it is read: its own bytes, or those that it gives unpacked. */
export interface LogFile {
  /** As FileHandle does it; of a packed file `position` counts what it gives. */
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<Stats>;
  close(): Promise<void>;
}

/** Unpacked if its name says that it is packed. Throws what `openPlain` throws. */
export async function openLog(
  path: string,
): Promise<{ readonly handle: FileHandle | PackedLog; readonly stats: Stats }> {
  const { handle, stats } = await openPlain(path);
  const packing = packingOf(path);
  return { handle: packing === undefined ? handle : new PackedLog(handle, packing), stats };
}
