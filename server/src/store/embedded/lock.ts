import { closeSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { StateRefused } from "../errors.ts";
import { type Engine, attempt, openEngine } from "./engine.ts";

/**
 * One server a folder: an exclusive SQLite lock on a file of its own. The operating system gives it back when the process
 * dies in whatever way, so nothing has to be cleaned up by hand. Needs a local file system.
 */
export function lockFolder(folder: string, name: string): { release(): void } {
  makeFolder(folder);
  const path = join(folder, `${name}.lock`);
  let engine: Engine | undefined;
  try {
    engine = openEngine(path, { busyMs: 0 });
    engine.exec("PRAGMA locking_mode=EXCLUSIVE");
    engine.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    if (engine !== undefined) attempt(() => engine?.close());
    const busy = (cause as { code?: unknown }).code === "SQLITE_BUSY";
    const why = busy ? "another Mailtide is running on it" : `${path}: ${forbidden(path) ?? (cause as Error).message}`;
    throw new StateRefused(`cannot use the folder ${folder}: ${why}`, { cause });
  }
  const held = engine;
  return { release: () => attempt(() => held.close()) };
}

const isForbidden = (code: string | undefined): boolean => code === "EACCES" || code === "EPERM" || code === "EROFS";

/** The engine says only that it could not open the file. Null where that is not for want of a right. */
function forbidden(path: string): string | null {
  try {
    closeSync(openSync(path, "a"));
    return null;
  } catch (error) {
    return isForbidden((error as NodeJS.ErrnoException).code) ? "this user may not write there" : null;
  }
}

/** For its owner alone. Throws in words: it is the first thing that a start needs, and often the first that fails. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isFile = code === "EEXIST" || code === "ENOTDIR";
    const why = isForbidden(code) ? "this user may not write there" : isFile ? "a file stands in its way" : message;
    const mend = "make it for the user that Mailtide runs as, or name another by server.state or $MAILTIDE_STATE";
    throw new StateRefused(`the state folder ${resolve(folder)} cannot be made: ${why}; ${mend}`, { cause });
  }
}
