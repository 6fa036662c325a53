import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { PassThrough, Readable } from "node:stream";
import type { Tick } from "../core/observation.ts";
import type { RecordingHead } from "./recording.ts";

export interface RecordedTurn {
  readonly seq: number;
  readonly tick: Tick;
}
export interface OpenRecording {
  readonly head: RecordingHead;
  /** In order. Rejects when the recording breaks off. */
  turns(): AsyncIterable<RecordedTurn>;
}

/** Reads a recording as a server hands it out: gzip members of a head, turns `SEQ JSON`, and `end`. */
export async function readRecording(chunks: AsyncIterable<Uint8Array>): Promise<OpenRecording> {
  const lines = linesOf(chunks)[Symbol.asyncIterator]();
  const first = await lines.next();
  const head = first.done === true ? null : (JSON.parse(first.value) as RecordingHead);
  if (head?.version !== 1)
    throw new Error("the server handed out something that is no recording this version can read");
  return {
    head,
    async *turns() {
      for (;;) {
        const next = await lines.next();
        if (next.done === true)
          throw new Error("the recording breaks off: the server stopped, or the connection was cut");
        if (next.value === "end") return;
        const blank = next.value.indexOf(" ");
        yield { seq: Number(next.value.slice(0, blank)), tick: JSON.parse(next.value.slice(blank + 1)) as Tick };
      }
    },
  };
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const plain = new PassThrough({ encoding: "utf8" });
  const unpacked = pipeline(Readable.from(chunks), createGunzip(), plain);
  // Whoever reads `plain` is told.
  unpacked.catch(() => undefined);
  let begun = "";
  for await (const chunk of plain) {
    const parts = (begun + (chunk as string)).split("\n");
    begun = parts.pop() ?? "";
    yield* parts;
  }
  await unpacked;
  if (begun !== "") yield begun;
}
