import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OriginDayOptions } from "./contract.ts";
import { generateOriginDay, originDayDefaults, originDayVersion, truthPath } from "./origin-day.ts";

export interface CachedDayOptions extends Omit<OriginDayOptions, "out"> {
  /** Where captures are kept; made when it is missing. */
  readonly folder: string;
}

/** What the demo plays: about 1.3 million lines, 39 MB, made in about ten seconds. */
export const demoDay = { seed: 20160511, rate: 1.5 } as const;

const marker = "complete.json";
const draftPrefix = ".draft-";
const abandonedAfterMs = 3_600_000;

/**
 * The path of an origin day with these options: the one that lies there, or a fresh one. A capture appears under its
 * name only when it is whole, so that neither a crash nor a second process ever shows half a day.
 */
export async function cachedOriginDay(options: CachedDayOptions): Promise<string> {
  const { folder, ...rest } = options;
  const key = keyOf(options);
  const dir = join(folder, nameOf(options));
  if (await isComplete(dir, key)) return dir;

  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const draft = await mkdtemp(join(folder, draftPrefix));
  try {
    const day = join(draft, "day");
    await generateOriginDay({ ...rest, out: day });
    await writeFile(join(day, marker), JSON.stringify(key));
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

const keyOf = ({ seed, rate, from, to, nodes }: CachedDayOptions) => ({
  version: originDayVersion,
  seed,
  rate,
  from: from ?? originDayDefaults.from,
  to: to ?? originDayDefaults.to,
  nodes: [...(nodes ?? originDayDefaults.nodes)],
});

function nameOf(options: CachedDayOptions): string {
  const { seed, rate, from, to } = keyOf(options);
  return `origin-day-${seed}-${rate}-${from}-${to}`.replaceAll(":", "");
}

async function isComplete(dir: string, key: object): Promise<boolean> {
  const text = await readFile(join(dir, marker), "utf8").catch(() => null);
  return text === JSON.stringify(key);
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
