import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../config/folder.ts";
import { truthPath } from "./engine/capture-files.ts";
import { simulate } from "./engine/simulate.ts";
import type { SimulateOptions } from "./engine/simulate-contract.ts";
import { simulatorVersion } from "./version.ts";

export interface CachedDayOptions extends Omit<SimulateOptions, "out"> {
  /** Where captures are kept; made when it is missing. */
  readonly folder: string;
}

const marker = "complete.json";
const draftPrefix = ".draft-";
const abandonedAfterMs = 3_600_000;

/**
 * The path of the capture of such a day: the one that lies there, or a fresh one. A capture appears under its name only
 * when it is whole, so that neither a crash nor a second process ever shows half a day.
 */
export async function cachedDay(options: CachedDayOptions): Promise<string> {
  const { folder, ...rest } = options;
  const key = keyOf(options);
  const dir = join(folder, `${options.scenario.id}-${options.seed}`);
  if (await isComplete(dir, key)) return dir;

  makeFolder(folder, undefined, 0o777);
  await removeAbandoned(folder);
  const draft = await mkdtemp(join(folder, draftPrefix));
  try {
    const day = join(draft, "day");
    await simulate({ ...rest, out: day });
    await writeFile(join(day, marker), key);
    if (!(await isComplete(dir, key))) {
      await rm(dir, { recursive: true, force: true });
      await rename(truthPath(day), truthPath(dir));
      await rename(day, dir).catch(async (error: unknown) => {
        // Another process was quicker; its day is as good as ours.
        if (!(await isComplete(dir, key))) throw error;
      });
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return dir;
}

function keyOf({ scenario, seed, variation = {} }: CachedDayOptions): string {
  const day = createHash("sha256")
    .update(JSON.stringify([scenario, variation]))
    .digest("hex");
  return JSON.stringify({ simulatorVersion, seed, day });
}

async function isComplete(dir: string, key: string): Promise<boolean> {
  return (await readFile(join(dir, marker), "utf8").catch(() => null)) === key;
}

/** What a process that was killed left behind. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(draftPrefix)) continue;
    const path = join(folder, name);
    const changed = await stat(path).catch(() => null);
    if (changed !== null && Date.now() - changed.mtimeMs > abandonedAfterMs)
      await rm(path, { recursive: true, force: true });
  }
}
