import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";

const path = "bench/RESULTS.md";
const begin = "<!-- incidents: begin -->";
const end = "<!-- incidents: end -->";

/** Puts the tables where they stood before, or at the end. What else stands in the file stays. */
export async function writeResults(lines: readonly string[]): Promise<void> {
  await writeFile(path, placed(await readFile(path, "utf8"), lines));
}

/** `text` with `lines` between the markers. */
export function placed(text: string, lines: readonly string[]): string {
  const block = [begin, "", ...lines, "", end].join("\n");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 && to === -1) return `${text.trimEnd()}\n\n${block}\n`;
  if (from === -1 || to < from)
    throw new Error(`${path}: the markers "${begin}" and "${end}" do not stand one after the other`);
  return text.slice(0, from) + block + text.slice(to + end.length);
}

/** `commit 0c294e2`, and whether the product that was scored is really that. */
export function commitNow(): string {
  const head = git("rev-parse", "--short", "HEAD");
  if (head.status !== 0) return "no commit: not a git checkout";
  const changed = git("status", "--porcelain", "--", "server/src", "shared/src", "scenarios", "bench/incidents/*.ts");
  return `commit ${head.stdout.trim()}${changed.stdout.trim() === "" ? "" : " with uncommitted changes"}`;
}

/** Without the machine's name. */
export function machineNow(): string {
  const [first] = cpus();
  const model = first === undefined || first.model === "unknown" ? process.arch : first.model.trim();
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

const git = (...args: readonly string[]) => spawnSync("git", args, { encoding: "utf8" });
