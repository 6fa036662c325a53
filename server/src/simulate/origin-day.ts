import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAgenda, type Agenda } from "./agenda.ts";
import { captureDocument, changeRows } from "./capture-document.ts";
import type { OriginDayOptions, OriginDayResult } from "./contract.ts";
import { clock, scanCapacity } from "./day.ts";
import { createMailNode, type MailNode } from "./mail-node.ts";
import { emptyTally } from "./message.ts";
import { createNodeLog } from "./node-log.ts";
import { createPeople, type People } from "./people.ts";
import { startProbes } from "./probes.ts";
import { createRandom, type Random } from "./random.ts";
import { scannersFor } from "./scanner.ts";
import { createTextFile, type TextFile } from "./engine/text-file.ts";
import { startTraffic } from "./traffic.ts";
import { createTruth } from "./truth.ts";

/** Changes whenever the same options would give another day. */
export const originDayVersion = 1;
export const originDayDefaults = { from: "06:00", to: "24:30", nodes: ["mx1", "mx2"] } as const;

const minuteMs = 60_000;
/** Simulated time between two looks at how much waits to be written. */
const portionMs = 10_000;

/**
 * Writes the origin day as a capture folder, message by message, in memory that grows with the backlog only.
 * The same options give the same bytes. Rejects when `out` exists, on a time of day that is none, when the disk
 * refuses, and when `signal` fires; then the folder is incomplete.
 */
export async function generateOriginDay(options: OriginDayOptions): Promise<OriginDayResult> {
  const { out, rate, from = originDayDefaults.from, to = originDayDefaults.to } = options;
  const names = options.nodes ?? originDayDefaults.nodes;
  const fromMs = clock(from);
  const toMs = clock(to);
  if (!(rate > 0) || !Number.isFinite(rate)) throw new Error(`rate must be a number above 0, not ${rate}`);
  if (toMs <= fromMs) throw new Error(`the day ends at ${to}, before it begins at ${from}`);

  await mkdir(out);
  const files = await openFiles(out, names);
  const agenda = createAgenda(fromMs);
  const people = createPeople();
  const truth = createTruth();
  const tally = emptyTally();
  // Every part draws from its own source, so that a change in one leaves the others as they were.
  const sources = seeds(options.seed);
  const nodes = names.map((name, number) =>
    createMailNode({
      name,
      number,
      agenda,
      people,
      truth,
      tally,
      random: sources(),
      log: createNodeLog(name, files.log(number), 2_000 + 1_000 * number),
      ...scannersFor((rate * scanCapacity) / names.length),
    }),
  );

  inheritOldMail(people, sources(), nodes, fromMs, rate);
  startTraffic({ agenda, random: sources(), people, nodes, rate });
  startProbes(agenda, sources(), files.probes);
  await writeFile(join(out, "capture.yaml"), captureDocument(names, people.hostedDomains, from, to));
  for (const row of changeRows()) {
    const startMs = Date.parse(row.startAt);
    if (startMs >= fromMs && startMs < toMs) files.changes.line(JSON.stringify(row));
  }

  try {
    for (let minute = fromMs; minute < toMs; minute += minuteMs) {
      options.signal?.throwIfAborted();
      await runMinute(agenda, minute, files);
      nodes.forEach((node, number) => files.queue(number).line(JSON.stringify(node.book.document(agenda.nowMs))));
      files.truth.line(JSON.stringify(truth.row(agenda.nowMs)));
      options.onProgress?.({
        nowMs: agenda.nowMs,
        share: (agenda.nowMs - fromMs) / (toMs - fromMs),
        lines: files.lines(),
      });
    }
  } finally {
    await files.close();
  }
  return {
    dir: out,
    truth: truthPath(out),
    fromMs,
    toMs,
    lines: files.lines(),
    ...tally,
    waiting: nodes.reduce((sum, node) => sum + node.book.countMail(), 0),
  };
}

export const truthPath = (dir: string): string => `${dir}.truth.jsonl`;

async function runMinute(agenda: Agenda, startMs: number, files: Files): Promise<void> {
  for (let portion = startMs + portionMs; portion <= startMs + minuteMs; portion += portionMs) {
    agenda.runUntil(portion);
    await files.drained();
  }
}

/** A queue always holds mail for hosts that have been dead for days. */
function inheritOldMail(
  people: People,
  random: Random,
  nodes: readonly MailNode[],
  fromMs: number,
  rate: number,
): void {
  for (let count = Math.round(25 * rate); count > 0; count--) {
    const ageMs = random.unit() * 5 * 86_400_000;
    random
      .pick(nodes)
      .inherit(
        fromMs - ageMs,
        fromMs + random.unit() * 4_000_000,
        people.customerAddress(random),
        people.deadAddress(random),
      );
  }
}

function seeds(seed: number): () => Random {
  const root = createRandom(seed);
  return () => createRandom(root.below(2 ** 32));
}

interface Files {
  log(node: number): TextFile;
  queue(node: number): TextFile;
  readonly probes: TextFile;
  readonly changes: TextFile;
  readonly truth: TextFile;
  /** Log lines so far. */
  lines(): number;
  drained(): Promise<void>;
  close(): Promise<void>;
}

async function openFiles(out: string, names: readonly string[]): Promise<Files> {
  for (const name of names) await mkdir(join(out, name));
  const logs = names.map((name) => createTextFile(join(out, name, "mail.log.gz")));
  const queues = names.map((name) => createTextFile(join(out, name, "queue.jsonl")));
  const probes = createTextFile(join(out, "probes.jsonl"));
  const changes = createTextFile(join(out, "changes.jsonl"));
  const truth = createTextFile(truthPath(out));
  const all = [...logs, ...queues, probes, changes, truth];
  return {
    log: (node) => at(logs, node),
    queue: (node) => at(queues, node),
    probes,
    changes,
    truth,
    lines: () => logs.reduce((sum, file) => sum + file.lines, 0),
    async drained() {
      for (const file of all) await file.drained();
    },
    async close() {
      for (const file of all) await file.close();
    },
  };
}

function at(list: readonly TextFile[], node: number): TextFile {
  const file = list[node];
  if (file === undefined) throw new Error(`there is no node ${node}`);
  return file;
}
