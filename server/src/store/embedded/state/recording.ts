import { createReadStream } from "node:fs";
import type { EpochMs, Seconds } from "@mailtide/shared";
import type { Recording } from "../../state.ts";
import { startRemote } from "../../worker/remote.ts";
import type { Segment } from "./recording-files.ts";
import type { Archived, RecordingApi } from "./recording-worker.ts";

export interface RecordingOptions {
  /** 0: nothing is kept. */
  readonly keepSeconds: Seconds;
  readonly maxBytes: number;
  /** After each time that turns were put aside. */
  readonly kept?: (figures: Archived) => void;
  /** Turns that could not be put aside are missing from recordings; nothing else suffers. */
  readonly failed?: (error: unknown) => void;
}

/**
 * Keeps past turns for recordings (docs/adr/0006): before a checkpoint forgets them they go from the journal into compressed
 * files, in a thread of their own.
 */
export function openRecording(stateFolder: string, { keepSeconds, maxBytes, kept, failed }: RecordingOptions) {
  const remote = startRemote<RecordingApi>(import.meta.url, "recording-worker", { what: "the recording" });
  let last: Promise<void> = Promise.resolve();
  const archive = (throughSeq: number): Promise<void> => {
    last = last.then(async () => {
      try {
        const figures = await remote.call("archive", stateFolder, throughSeq, keepSeconds, maxBytes);
        kept?.(figures);
      } catch (error) {
        failed?.(error);
      }
    });
    return last;
  };
  return {
    archive,
    async read(fromMs: EpochMs): Promise<Recording> {
      await archive(Number.MAX_SAFE_INTEGER);
      const all = await remote.call("segments", stateFolder);
      const wanted = all.filter(({ toMs }) => toMs >= fromMs);
      const bytes = wanted.reduce((sum, segment) => sum + segment.bytes, 0);
      return { bytes, chunks: () => chunksOf(wanted) };
    },
    async close(): Promise<void> {
      await last;
      await remote.stop();
    },
  };
}

async function* chunksOf(segments: readonly Segment[]): AsyncGenerator<Uint8Array> {
  for (const { path } of segments) {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 << 10 })) yield chunk as Uint8Array;
    } catch (error) {
      // Forgotten for want of room while this was being read: the numbers of the turns tell.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
