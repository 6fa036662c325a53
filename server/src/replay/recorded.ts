import { createReadStream } from "node:fs";
import type { NodeId } from "@mailtide/shared";
import { z } from "zod";
import type { MailEvent } from "../core/event.ts";
import type { Observation, Tick } from "../core/observation.ts";
import { gunzipped } from "../unpack/gunzip.ts";
import { textLines } from "../unpack/text-lines.ts";
import { readProbe, readQueue } from "./rows.ts";

/** The files of a recording, each read on by the turns that took from it. */
export interface RecordedFiles {
  /** observations.jsonl */
  readonly turns: string;
  readonly logs: readonly {
    readonly name: string;
    readonly path: string;
    readonly node: NodeId;
    parser(): (line: string) => MailEvent;
  }[];
  readonly queues: readonly { readonly name: string; readonly path: string; readonly node: NodeId }[];
  readonly probes: { readonly name: string; readonly path: string } | null;
}

const place = z.union([
  z.tuple([z.string(), z.int().nonnegative()]),
  z.tuple([z.string(), z.int().nonnegative(), z.looseObject({})]),
  z.looseObject({ kind: z.string() }),
]);
const turnRow = z.object({
  kind: z.literal("turn"),
  at: z.iso.datetime().transform((text) => Date.parse(text)),
  take: z.array(place),
  commands: z.array(z.unknown()).default([]),
  pagesSent: z.array(z.unknown()).default([]),
});

/**
 * The turns of a recorded server, each with exactly the observations that it took, in their order. Throws an Error that
 * names file and line when the files do not fit each other.
 */
export async function* recordedTurns(files: RecordedFiles): AsyncGenerator<Tick> {
  const readers = new Map<string, Reader>();
  for (const { name, path, node, parser } of files.logs) {
    const parse = parser();
    readers.set(
      name,
      readerOf(path, (line) => logOf(node, parse(line))),
    );
  }
  for (const { name, path, node } of files.queues)
    readers.set(
      name,
      readerOf(path, (line, extra) => ({ ...readQueue(JSON.parse(line), node), ...extra })),
    );
  if (files.probes !== null)
    readers.set(
      files.probes.name,
      readerOf(files.probes.path, (line) => readProbe(JSON.parse(line))),
    );

  let number = 0;
  try {
    for await (const line of linesOf(files.turns)) {
      number++;
      const row = turnRow.parse(JSON.parse(line));
      const observations: Observation[] = [];
      for (const each of row.take) {
        if (!Array.isArray(each)) {
          observations.push(each as unknown as Observation);
          continue;
        }
        const [name, count, extra] = each;
        const reader = readers.get(name);
        if (reader === undefined) throw new Error(`takes from ${name}, which is not here`);
        for (let left = count; left > 0; left--) {
          const one = await reader.next(extra);
          if (one === null) throw new Error(`takes more from ${name} than it holds`);
          observations.push(one);
        }
      }
      const { commands, pagesSent } = row;
      yield {
        nowMs: row.at,
        observations,
        commands: commands as Tick["commands"],
        pagesSent: pagesSent as Tick["pagesSent"],
      };
    }
  } catch (error) {
    throw new Error(`${files.turns}:${number}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
}

interface Reader {
  next(extra: object | undefined): Promise<Observation | null>;
  close(): Promise<void>;
}

function readerOf(path: string, read: (line: string, extra: object | undefined) => Observation): Reader {
  const lines = linesOf(path);
  return {
    async next(extra) {
      const { done, value } = await lines.next();
      return done === true ? null : read(value, extra);
    },
    close: async () => void (await lines.return()),
  };
}

const logOf = (node: NodeId, event: MailEvent): Observation => ({ kind: "log", node, atMs: event.atMs ?? 0, event });

/** The lines were written so that every character but the line feed belongs to one. */
function linesOf(path: string): AsyncGenerator<string, void, void> {
  const file: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: readBytes });
  return textLines(path.endsWith(".gz") ? gunzipped(file, readBytes) : file);
}

const readBytes = 128 << 10;
