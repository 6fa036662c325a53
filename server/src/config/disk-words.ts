import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";

type Refused = Pick<NodeJS.ErrnoException, "code" | "message">;

/** Why the disk takes nothing more, whatever it is (errno(3)); null where that is not the disk's word. */
export const diskRefusal = (code: unknown): string | null =>
  typeof code === "string" ? (refusals[code] ?? null) : null;

/** Why no file, or no folder, can be made at `path`. */
export function whyNotMade(what: "files" | "folders", path: string, { code, message }: Refused): string {
  const folder = dirname(resolve(path));
  if (code === "EACCES" || code === "EPERM") return "this user may not write there";
  if (code === "ENOTDIR") return "a file stands where its folder should";
  // A file system may have no room for any, and say "no such file or folder": that of /proc does.
  if (code === "ENOENT")
    return existsSync(folder) ? `${folder} is no place for ${what}` : `there is no folder ${folder}`;
  return diskRefusal(code) ?? message;
}

/** To be thrown in the place of `error`: in words where the disk refused what was written to `path`, else as it is. */
export function inDiskWords(path: string, error: unknown): unknown {
  const why = diskRefusal((error as { readonly code?: unknown }).code);
  return why === null ? error : new Error(`${path} cannot be written: ${why}`, { cause: error });
}

const refusals: Readonly<Record<string, string | undefined>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "this user may not store more",
  EIO: "the disk fails",
  EROFS: "the disk is read-only",
};
