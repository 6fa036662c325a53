import { basename, join } from "node:path";
import { collectorId, dependencyId, nodeId, type NodeId } from "@mailtide/shared";
import type { CaptureMeta, CaptureNode, CaptureOptions, RecordedCollector, RecordedMeta } from "./contract.ts";
import type { CaptureDocument } from "./document.ts";
import { detectMta, explore, findInput, logNames } from "./inputs.ts";
import type { LogInput } from "./log-lane.ts";
import type { RowInput } from "./row-lane.ts";
import type { RecordedFiles } from "./recorded.ts";
import { readChange, readProbe, readQueue, readRecorded } from "./rows.ts";

/** The inputs of a capture, and what stands for them on the screen that says how old the data is. */
export interface Inputs {
  readonly logs: readonly LogInput[];
  readonly rows: readonly RowInput[];
  readonly collectors: ReadonlyMap<string, RecordedCollector>;
  /** Name of the input that holds probes; its collectors are the dependencies seen so far. */
  readonly probes: string | null;
}

export const limitSeconds = { log: 10, queue: 120, probe: 30 } as const;
export interface Opened {
  readonly inputs: Inputs;
  /** Of a recorded server, when its receive times are here. */
  readonly recorded?: RecordedFiles;
  readonly meta: Omit<CaptureMeta, "fromMs">;
}

/** What `capture.yaml` names. */
export async function openDocument(
  dir: string,
  path: string,
  document: CaptureDocument,
  { parserFor }: CaptureOptions,
): Promise<Opened> {
  const logs: LogInput[] = [];
  const rows: RowInput[] = [];
  const collectors = new Map<string, RecordedCollector>();
  const nodes: CaptureNode[] = [];
  for (const stated of document.nodes) {
    const node = nodeOf(stated, document.timezone);
    const { id } = node;
    const place = join(dir, id);
    const found = [];
    for (const name of logNames) {
      const log = await findInput(place, name);
      if (log !== null) found.push({ name: `${id}/${name}`, path: log });
    }
    const queue = await findInput(place, "queue.jsonl");
    const mta = node.mta ?? (found[0] === undefined ? null : await detectMta(found[0].path));
    if (found.length === 0 && queue === null) {
      throw new Error(
        `${path}: nodes: "${id}" has no inputs: ${place} holds neither ${logNames.join(", ")} nor queue.jsonl`,
      );
    }
    for (const { name, path: log } of found) {
      const parser = () => parserFor(mta ?? "", { zone: node.timezone, year: document.year });
      // An MTA that nobody can read is an error now, not after an hour of playing.
      parser();
      logs.push({ name, path: log, node: id, parser });
      collectors.set(name, {
        id: collectorId(`${id}/${mta ?? "mta"}-log`),
        node: id,
        required: true,
        limitSeconds: limitSeconds.log,
      });
    }
    if (queue !== null) {
      const name = `${id}/queue.jsonl`;
      rows.push({ name, path: queue, read: (row) => [readQueue(row, id)] });
      collectors.set(name, {
        id: collectorId(`${id}/${mta ?? "mta"}-queue`),
        node: id,
        required: false,
        limitSeconds: limitSeconds.queue,
      });
    }
    nodes.push({ ...node, mta });
  }
  const shared: [name: string, read: RowInput["read"]][] = [
    ["probes.jsonl", (row) => [readProbe(row)]],
    ["changes.jsonl", (row, number) => readChange(row, `change-${number}`)],
    ["observations.jsonl", (row) => [readRecorded(row)]],
  ];
  let probes: string | null = null;
  const { recording } = document;
  const turns = recording === undefined ? null : await findInput(dir, "observations.jsonl");
  for (const [name, readRow] of shared) {
    const input = await findInput(dir, name);
    if (input === null) continue;
    rows.push({ name, path: input, read: readRow });
    if (name === "probes.jsonl") probes = name;
  }
  if (logs.length === 0 && rows.length === 0)
    throw new Error(
      `${path}: nodes is empty, and ${dir} holds no ${shared.map(([name]) => name).join(", ")} either: there is nothing to play`,
    );
  return {
    inputs: { logs, rows, collectors, probes },
    meta: {
      name: document.name,
      simulated: document.simulated,
      timezone: document.timezone,
      toMs: document.to === undefined ? null : Date.parse(document.to),
      nodes,
      dependencies: (document.dependencies ?? []).map(({ id, type, affects }) => ({
        id: dependencyId(id),
        type,
        affects: affects.map(nodeId),
      })),
      businessHours: document.businessHours,
      holidays: document.holidays,
      assumptions: [
        ...(recording?.assumptions ?? []),
        ...(recording !== undefined && turns === null
          ? ["observations.jsonl is not here: what the server heard when is taken from the lines' own times"]
          : []),
      ],
      ...(recording === undefined ? {} : { recorded: recordedMeta(recording) }),
    },
    ...(turns === null
      ? {}
      : {
          recorded: {
            turns,
            logs,
            queues: rows.flatMap(({ name, path: file }) => {
              const node = collectors.get(name)?.node ?? null;
              return node === null ? [] : [{ name, path: file, node }];
            }),
            probes: rows.find(({ name }) => name === probes) ?? null,
          },
        }),
  };
}

function recordedMeta({ reportFrom, site, ...rest }: NonNullable<CaptureDocument["recording"]>): RecordedMeta {
  const collectors = rest.collectors.map(({ id, node, ...collector }) => ({
    id: collectorId(id),
    node: node === null ? null : nodeId(node),
    ...collector,
  }));
  return { ...rest, site, collectors, reportFromMs: Date.parse(reportFrom) };
}

/** A folder with one log: what nobody states is found in the log, or assumed and said. */
export async function openBare(dir: string, options: CaptureOptions): Promise<Opened> {
  const path = await findInput(dir, "mail.log");
  if (path === null) throw new Error(`${dir}: holds neither capture.yaml nor mail.log`);
  const { mta, host, zone, year, assumptions } = await explore(path, options.parserFor, options);
  const id = nodeId(host);
  const name = "mail.log";
  const log: LogInput = { name, path, node: id, parser: () => options.parserFor(mta, { zone, year }) };
  return {
    inputs: {
      logs: [log],
      rows: [],
      collectors: new Map([
        [name, { id: collectorId(`${id}/${mta}-log`), node: id, required: true, limitSeconds: limitSeconds.log }],
      ]),
      probes: null,
    },
    meta: {
      name: basename(dir),
      simulated: false,
      timezone: zone,
      toMs: null,
      nodes: [{ ...nodeOf({ id: host }, zone), mta }],
      dependencies: [],
      businessHours: undefined,
      holidays: undefined,
      assumptions,
    },
  };
}

type StatedNode = CaptureDocument["nodes"][number];
function nodeOf(stated: StatedNode, timezone: string): CaptureNode & { readonly id: NodeId } {
  const more: Partial<Extract<StatedNode, { mta?: unknown }>> = stated;
  return {
    id: nodeId(stated.id),
    site: more.site ?? null,
    mta: more.mta ?? null,
    timezone: more.timezone ?? timezone,
    ownHops: more.ownHops ?? [],
    ownDomains: more.ownDomains ?? [],
  };
}
