import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { simulatorVersion } from "../../server/src/simulate/index.ts";
import { type Cell, nameOf, scenarioOf } from "./cell.ts";
import type { Report } from "./report.ts";
import type { Truth } from "./score.ts";

/** Where the parts of a run are kept. Plain data. */
export interface CellPaths {
  /** The folder of the capture, and the truth that the simulator writes beside it: only while it is played, unless kept. */
  readonly capture: string;
  readonly truth: string;
  readonly report: string;
}

/** What the product thinks with: when any of it changes, every report is made anew. Scoring is not among it. */
const product = [
  "server/src/core",
  "server/src/collect/readers.ts",
  "server/src/collect/filter",
  "server/src/collect/quick",
  "server/src/collect/syslog",
  "server/src/collect/mta",
  "server/src/replay",
  "server/src/replay-parser.ts",
  "bench/incidents/record.ts",
];

/** A digest of the product's sources. Taken before and after a run: it must not change meanwhile. */
export function productDigest(): string {
  const hash = createHash("sha256");
  for (const path of product.flatMap(filesIn)) hash.update(path).update(readFileSync(path)).update("\0");
  return hash.digest("hex").slice(0, 12);
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (path.endsWith(".ts")) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort()
    .map((name) => join(path, name));
}

/** The truth depends on the day, its variation and the simulator; the report on these and on the product. */
export async function pathsOf(cache: string, cell: Cell, digest: string): Promise<CellPaths> {
  const scenario = await scenarioOf(cell);
  const day = JSON.stringify([simulatorVersion, cell.seed, cell.variation, scenario]);
  const dayKey = createHash("sha256").update(day).digest("hex").slice(0, 12);
  const name = `${nameOf(cell).replace(" #", "-")}-${dayKey}`;
  return {
    capture: join(cache, "captures", name),
    truth: join(cache, "truths", `${name}.json.gz`),
    report: join(cache, "reports", `${name}-${digest}.json.gz`),
  };
}

export interface Played {
  readonly report: Report;
  readonly truth: Truth;
}

export const isPlayed = ({ truth, report }: CellPaths): boolean => existsSync(truth) && existsSync(report);

export async function loadPlayed({ truth, report }: CellPaths): Promise<Played> {
  return { truth: (await unpack(truth)) as Truth, report: (await unpack(report)) as Report };
}

/** The report last: without it the run counts as not played. */
export async function storePlayed(paths: CellPaths, { truth, report }: Played): Promise<void> {
  await pack(paths.truth, truth);
  await pack(paths.report, report);
}

async function pack(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const begun = `${path}.${process.pid}.begun`;
  await writeFile(begun, gzipSync(JSON.stringify(value)));
  await rename(begun, path);
}

const unpack = async (path: string): Promise<unknown> => JSON.parse(gunzipSync(await readFile(path)).toString());
