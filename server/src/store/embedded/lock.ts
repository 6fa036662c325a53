import { closeSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { diskRefusal, whyNotMade } from "../../config/disk-words.ts";
import { makeFolder } from "../../config/folder.ts";
import { StateRefused } from "../errors.ts";
import { type Engine, attempt, openEngine } from "./engine.ts";

/**
 * One server a folder: an exclusive SQLite lock on a file of its own. The operating system gives it back when the process
 * dies in whatever way, so nothing has to be cleaned up by hand. Needs a local file system.
 */
export function lockFolder(folder: string, name: string): { release(): void } {
  makeStateFolder(folder);
  const path = join(folder, `${name}.lock`);
  let engine: Engine | undefined;
  try {
    engine = openEngine(path, { busyMs: 0 });
    engine.exec("PRAGMA locking_mode=EXCLUSIVE");
    engine.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    if (engine !== undefined) attempt(() => engine?.close());
    const { code } = cause as { code?: unknown };
    const busy = code === "SQLITE_BUSY";
    const full = code === "SQLITE_FULL" ? diskRefusal("ENOSPC") : null;
    const why = busy
      ? "another Mailtide is running on it"
      : `${path}: ${full ?? unopened(path) ?? (cause as Error).message}`;
    throw new StateRefused(`cannot use the folder ${folder}: ${why}`, { cause });
  }
  const held = engine;
  return { release: () => attempt(() => held.close()) };
}

/** The engine says only that it could not open the file. Null where the system does not say why. */
function unopened(path: string): string | null {
  try {
    closeSync(openSync(path, "a"));
    return null;
  } catch (error) {
    return whyNotMade("files", path, error as NodeJS.ErrnoException);
  }
}

/** It is the first thing that a start needs, and often the first that fails. */
export function makeStateFolder(folder: string): void {
  const mend = "make it for the user that Mailtide runs as, or name another by server.state or $MAILTIDE_STATE";
  try {
    makeFolder(folder, (words) => `the state folder ${resolve(folder)} ${words}; ${mend}`);
  } catch (cause) {
    throw new StateRefused((cause as Error).message, { cause });
  }
}
