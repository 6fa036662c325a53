import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { unreachable } from "../config/unreadable.ts";
import { serviceUser } from "./cures.ts";
import { command, type Finding, inFile, type Mend, ok, shellWord } from "./finding.ts";

/** A folder that a server or an agent keeps its files in, as it is found. */
export interface Room {
  readonly path: string;
  readonly maxBytes: number;
  readonly freeBytes: number | null;
  /** Why it cannot be written; null when it can. */
  readonly problem: string | null;
  /** The problem is the place: no permission makes a folder there. */
  readonly isNoPlace?: boolean;
}

/** Of a folder that may not be there yet: then of the one that it would be made in. Makes nothing. */
export async function roomAt(path: string, maxBytes: number): Promise<Room> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const refused = (problem: string, isNoPlace = true): Room => ({
      path,
      maxBytes,
      freeBytes: null,
      problem,
      isNoPlace,
    });
    try {
      if (!(await stat(folder)).isDirectory()) return refused(`${folder} stands in its way: it is a file`);
      const { bavail, bsize, type } = await statfs(folder);
      // The superuser is told that it may write to these, and no file can be made there all the same.
      if (kernelsOwn.has(type >>> 0)) return refused(`${folder} is no place for files`);
      const writable = await access(folder, constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      );
      const problem = writable ? null : `this user may not write to ${folder}`;
      return { path, maxBytes, freeBytes: bavail * bsize, problem };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const isMissing = code === "ENOENT" || code === "ENOTDIR";
      if (!isMissing || folder === dirname(folder)) return refused(unreachable({ code, message }), false);
    }
  }
}

/** File systems in which the kernel shows itself, by their numbers in linux/magic.h. */
const kernelsOwn: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x1cd1, // devpts
  0x64626720, // debugfs
  0x73636673, // securityfs
  0x74726163, // tracefs
]);

/** The line that mends a folder which cannot be written; `key`: where another is named. */
export function mendFolder({ path, isNoPlace }: Room, key: string): Mend {
  if (isNoPlace === true) return inFile("the configuration, another folder", `${key}: /var/lib/mailtide`);
  return command(`install -d -o ${shellWord(serviceUser())} -m 0700 ${shellWord(path)} # as root`);
}

export function judgeSpool(room: Room): Finding {
  const { path, maxBytes, freeBytes, problem } = room;
  const what = `spool ${path}`;
  const word = shellWord(path);
  if (problem !== null) {
    const mend = mendFolder(room, "agent.spool.path");
    return { verdict: "FAILS", what, says: problem, why: "Without a spool the agent does not start.", mend };
  }
  if (freeBytes !== null && freeBytes < 1 << 20) {
    const why = "Nothing is collected on this host until there is room; its log keeps what is written meanwhile.";
    const mend = command(`df -h ${word} # and make room, or name another disk by agent.spool.path`);
    return { verdict: "FAILS", what, says: "its disk is full", why, mend };
  }
  if (freeBytes !== null && freeBytes < maxBytes) {
    const says = `${mebibytes(freeBytes)} are free, and agent.spool.max is ${mebibytes(maxBytes)}`;
    const why =
      "While the server is away the spool grows to its bound; a full disk holds the collectors back before that.";
    const half = Math.max(16, Math.floor(freeBytes / 2 ** 21));
    return {
      verdict: "missing",
      what,
      says,
      why,
      mend: inFile("mailtide.yaml", `agent: { spool: { max: ${half}MiB } }`),
    };
  }
  return ok(what, `writable, with room for its ${mebibytes(maxBytes)}`);
}

export const mebibytes = (bytes: number): string =>
  bytes >= 10 * 2 ** 30 ? `${Math.round(bytes / 2 ** 30)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
