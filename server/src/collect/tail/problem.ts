import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";

/** In words, why a log cannot be followed, and which permission would help. Never throws. */
export function readProblem(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return `${path} does not exist`;
  if (code === "EISDIR") return `${path} is a folder, not a log file`;
  if (code !== "EACCES" && code !== "EPERM") return `${path} cannot be read: ${message}`;
  const who = userName();
  const hidden = unreachableFolder(path);
  if (hidden !== undefined) return `${who} may not enter the folder ${hidden}, so ${path} cannot be read`;
  const group = groupThatMayRead(path);
  if (group === undefined) return `${who} may not read ${path}`;
  return `${who} may not read ${path}: add it to the group ${group}, then start again`;
}

function userName(): string {
  try {
    return `user ${userInfo().username}`;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

function unreachableFolder(path: string): string | undefined {
  for (let folder = dirname(path), above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    try {
      statSync(`${folder}/.`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EACCES") return folder;
    }
  }
  return undefined;
}

function groupThatMayRead(path: string): string | undefined {
  try {
    const { gid, mode } = statSync(path);
    return (mode & 0o040) === 0 || gid === 0 ? undefined : groupName(gid);
  } catch {
    return undefined;
  }
}

/** Directory services know groups that /etc/group does not. */
function groupName(gid: number): string {
  for (const list of [() => readFileSync("/etc/group", "utf8"), () => getent(gid)]) {
    try {
      const name = list()
        .split("\n")
        .map((line) => line.split(":"))
        .find((fields) => fields[2] === String(gid))?.[0];
      if (name !== undefined) return name;
    } catch {
      // Try the next way.
    }
  }
  return String(gid);
}

function getent(gid: number): string {
  return execFileSync("getent", ["group", String(gid)], { encoding: "utf8", timeout: 1_000 });
}
