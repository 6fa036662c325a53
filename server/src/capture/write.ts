import { rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { stringify } from "yaml";
import { inDiskWords } from "../config/disk-words.ts";
import { makeFolder } from "../config/folder.ts";
import type { MailEvent } from "../core/event.ts";
import type { Observation } from "../core/observation.ts";
import { captureDocument } from "./document.ts";
import type { Pseudonyms } from "./pseudonym/index.ts";
import type { OpenRecording } from "./read-recording.ts";
import { changeRow, instant, probeRow, queueRow } from "./rows.ts";
import { createTextFile, type TextFile } from "./text-file.ts";

export interface WriteOptions {
  /** Must not exist. */
  readonly out: string;
  readonly recording: OpenRecording;
  /** Turns before are the lead-in: the model's memory, not what was asked for. */
  readonly reportFromMs: EpochMs;
  /** Earlier turns are left out. */
  readonly fromMs: EpochMs;
  /** Null writes everything as it was. */
  readonly pseudonymsFor:
    | ((nodes: Parameters<typeof import("./pseudonym/index.ts").createPseudonyms>[1]) => Pseudonyms)
    | null;
  readonly rendererFor: (mta: string) => ((event: MailEvent) => string | null) | null;
  readonly onTurn?: (nowMs: EpochMs) => void;
}
export interface Written {
  readonly turns: number;
  readonly lines: number;
  /** Lines of the log that stand whole among the observations. */
  readonly aside: number;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly assumptions: readonly string[];
}

/**
 * Writes a recording as a capture folder. It is made beside its place and moved there when it is whole, so that what lies
 * there is never half of one.
 */
export async function writeCapture(options: WriteOptions): Promise<Written> {
  const { out } = options;
  await checkNew(out);
  const draft = `${out}.draft-${process.pid}`;
  makeFolder(draft, (words) => `${out} ${words}`);
  try {
    const written = await writeInto(draft, options);
    await rename(draft, out);
    return written;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw inDiskWords(out, error);
  }
}

/** Says before the work, not after it, that there is something already. */
export async function checkNew(out: string): Promise<void> {
  if ((await stat(out).catch(() => null)) !== null) throw new Error(`${out} exists already: give --out a new name`);
}

async function writeInto(folder: string, options: WriteOptions): Promise<Written> {
  const { recording, pseudonymsFor, rendererFor, fromMs, reportFromMs, onTurn } = options;
  const files = new Map<string, TextFile>();
  const append = async (name: string, line: string): Promise<void> => {
    let file = files.get(name);
    if (file === undefined) files.set(name, (file = await createTextFile(join(folder, `${name}.gz`))));
    await file.line(line);
  };
  const renderers = new Map<string, (event: MailEvent) => string | null>();
  const counts = { turns: 0, lines: 0, aside: 0 };
  const span = { firstSeq: 0, lastSeq: 0, fromMs: 0, toMs: 0 };
  const holes: string[] = [];
  const settingsAt = (seq: number) =>
    recording.head.settings.findLast(({ fromSeq }) => fromSeq <= seq) ?? recording.head.settings[0];
  let pseudonyms: Pseudonyms | null = null;

  /** Writes an observation to its file and gives its place in the turn. */
  const put = async (one: Observation): Promise<Place> => {
    if (one.kind === "log") {
      counts.lines++;
      const line = one.atMs === one.event.atMs ? (renderers.get(one.node)?.(one.event) ?? null) : null;
      if (line === null) {
        counts.aside++;
        return one;
      }
      const name = `${one.node}/mail.log`;
      await append(name, line);
      return [name, 1];
    }
    if (one.kind === "queue") {
      const made = queueRow(one);
      if (made === null) return one;
      const name = `${one.node}/queue.jsonl`;
      await append(name, made.row);
      return [name, 1, made.extra];
    }
    if (one.kind === "probe") {
      const row = probeRow(one);
      if (row === null) return one;
      await append("probes.jsonl", row);
      return ["probes.jsonl", 1];
    }
    if (one.kind === "change") await append("changes.jsonl", changeRow(one));
    return one;
  };

  try {
    for await (const { seq, tick: clear } of recording.turns()) {
      onTurn?.(clear.nowMs);
      if (clear.nowMs < fromMs && counts.turns === 0) continue;
      if (counts.turns === 0) {
        const settings = settingsAt(seq)?.settings;
        if (settings === undefined) throw new Error("the recording does not say what the server was set to do");
        pseudonyms = pseudonymsFor?.(settings.nodes) ?? null;
        for (const { id, mta } of settings.nodes) {
          const render = mta === null ? null : rendererFor(mta);
          if (render !== null) renderers.set(id, render);
        }
        Object.assign(span, { firstSeq: seq, fromMs: clear.nowMs });
      } else if (seq !== span.lastSeq + 1 && holes.length < 20) {
        holes.push(`turns are missing between ${instant(span.toMs)} and ${instant(clear.nowMs)}: they were not kept`);
      }
      const tick = pseudonyms?.tick(clear) ?? clear;
      const take: Place[] = [];
      for (const one of tick.observations) {
        const place = await put(one);
        const before = take.at(-1);
        const run = Array.isArray(place) && place.length === 2 && Array.isArray(before) && before.length === 2;
        if (run && before[0] === place[0]) before[1] += 1;
        else take.push(place);
      }
      const { nowMs, commands, pagesSent } = tick;
      const asked = { ...(commands.length > 0 && { commands }), ...(pagesSent.length > 0 && { pagesSent }) };
      await append("observations.jsonl", JSON.stringify({ kind: "turn", at: instant(nowMs), take, ...asked }));
      counts.turns++;
      span.lastSeq = seq;
      span.toMs = Math.max(span.toMs, nowMs);
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
  const held = settingsAt(span.firstSeq)?.settings;
  if (counts.turns === 0 || held === undefined) throw new Error("nothing is recorded of these hours");

  const later = recording.head.settings.filter(({ fromSeq }) => fromSeq > span.firstSeq && fromSeq <= span.lastSeq);
  const assumptions = [
    ...(span.firstSeq > 1
      ? [
          `the recording begins at ${instant(span.fromMs)}, in mid-life: what the server had learned before is not in it`,
        ]
      : []),
    ...holes,
    ...(later.length > 0
      ? [`the settings were changed ${later.length} times meanwhile; the replay has those of the beginning`]
      : []),
  ];
  const document = captureDocument(pseudonyms?.settings(held) ?? held, {
    name: basename(options.out),
    fromMs: span.fromMs,
    toMs: span.toMs,
    reportFromMs: Math.max(reportFromMs, span.fromMs),
    clear: pseudonyms === null,
    assumptions,
  });
  // Replay wants an input for every node, even of one that said nothing.
  for (const { id } of held.nodes) {
    const known = files.has(`${id}/mail.log`) || files.has(`${id}/queue.jsonl`);
    if (!known)
      await (await createTextFile(join(folder, id, renderers.has(id) ? "mail.log.gz" : "queue.jsonl.gz"))).close();
  }
  await writeFile(join(folder, "capture.yaml"), stringify(document), { mode: 0o600 });
  return { ...counts, fromMs: span.fromMs, toMs: span.toMs, assumptions };
}

/** Where a turn's next observations stand: so many lines of a file, or here, whole. */
type Place = [file: string, count: number, extra?: object] | Observation;
