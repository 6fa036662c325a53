import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { whyNotMade } from "../../config/disk-words.ts";
import { createTextFile, type TextFile } from "./text-file.ts";
import type { DayFacts, SimulateResult } from "./simulate-contract.ts";
import type { DaySink } from "./world.ts";

/** The files of a capture that is being written. */
export interface CaptureFiles {
  readonly sink: DaySink;
  /** Everything is on the disk. */
  close(): Promise<void>;
}

/** Makes the folder, which must not exist. */
export async function makeCaptureFolder(out: string): Promise<void> {
  await mkdir(out).catch((error: NodeJS.ErrnoException) => {
    const isThere = error.code === "EEXIST";
    const why = isThere
      ? "exists already: give --out a new name"
      : `cannot be made: ${whyNotMade("folders", out, error)}`;
    throw new Error(`${out} ${why}`, { cause: error });
  });
}

/** In an empty folder. Until `capture.yaml` is written, no reader takes it for a capture. */
export async function openCaptureFiles(out: string, nodes: readonly string[]): Promise<CaptureFiles> {
  const perNode = new Map<string, { log: TextFile; queue: TextFile }>();
  for (const node of nodes) {
    await mkdir(join(out, node));
    perNode.set(node, {
      log: createTextFile(join(out, node, "mail.log.gz")),
      queue: createTextFile(join(out, node, "queue.jsonl")),
    });
  }
  const of = (node: string) => {
    const files = perNode.get(node);
    if (files === undefined) throw new Error(`there is no node ${node}`);
    return files;
  };
  const probes = createTextFile(join(out, "probes.jsonl"));
  const changes = createTextFile(join(out, "changes.jsonl"));
  const observations = createTextFile(join(out, "observations.jsonl"));
  const all = [...[...perNode.values()].flatMap(({ log, queue }) => [log, queue]), probes, changes, observations];
  return {
    sink: {
      log: (node, line) => of(node).log.line(line),
      queue: (node, row) => of(node).queue.line(row),
      probe: (row) => probes.line(row),
      change: (row) => changes.line(row),
      observation: (row) => observations.line(row),
      async drained() {
        for (const file of all) await file.drained();
      },
    },
    async close() {
      for (const file of all) await file.close();
    },
  };
}

/** `capture.yaml`. `from` and `to` let a reader show how far it is. */
export function captureDocument({ scenario, fromMs, toMs, hostedDomains }: DayFacts): string {
  const { nodes } = scenario.platform;
  return stringify({
    version: 1,
    name: scenario.id,
    timezone: scenario.timezone,
    year: Number(scenario.from.slice(0, 4)),
    simulated: true,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    nodes: nodes.map((id) => ({
      id,
      mta: "postfix",
      timezone: scenario.timezone,
      ownHops: ["127.0.0.0/8"],
      ownDomains: [...hostedDomains],
    })),
    businessHours: { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "17:00" },
    holidays: scenario.arrivals.holidays,
    dependencies: scenario.dependencies.map(({ id, type }) => ({ id, type, affects: nodes })),
  });
}

/** Beside the capture, never in it: a reader must not come upon the truth by chance. */
export const truthPath = (out: string): string => `${out}.truth.jsonl`;

export async function writeTruth(out: string, { truth, summary }: SimulateResult): Promise<void> {
  const rows = [...truth, { summary }].map((row) => JSON.stringify(row));
  await writeFile(truthPath(out), rows.join("\n") + "\n");
}
