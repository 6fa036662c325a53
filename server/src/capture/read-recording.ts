import type { Tick } from "../core/observation.ts";
import { gunzipped } from "../unpack/gunzip.ts";
import { textLines } from "../unpack/text-lines.ts";
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
  const lines = textLines(gunzipped(chunks));
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
        if (next.value === "end") {
          // Nothing is left behind it but the end of the answer that it came in.
          await lines.next().catch(() => undefined);
          return;
        }
        const blank = next.value.indexOf(" ");
        yield { seq: Number(next.value.slice(0, blank)), tick: JSON.parse(next.value.slice(blank + 1)) as Tick };
      }
    },
  };
}
