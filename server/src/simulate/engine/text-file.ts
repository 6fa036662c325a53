import { once } from "node:events";
import { createWriteStream, WriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Lines into a file, packed when its name ends in `.gz`. Memory stays bounded as long as `drained` is awaited now and then. */
export interface TextFile {
  readonly lines: number;
  line(text: string): void;
  /** When no more than a portion waits to be written. Rejects when the disk refuses. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

const portionCharacters = 256 * 1024;

export function createTextFile(path: string): TextFile {
  const file = createWriteStream(path);
  // The fastest level: packing is most of the work, and logs shrink well at any.
  const head = path.endsWith(".gz") ? createGzip({ level: 1, chunkSize: 256 * 1024 }) : file;
  const finished: Promise<unknown> = head instanceof WriteStream ? once(head, "finish") : pipeline(head, file);
  // A failure between two calls of `drained` is told by the next one.
  finished.catch(() => undefined);
  let lines = 0;
  let pending = "";

  return {
    get lines() {
      return lines;
    },
    line(text) {
      lines++;
      pending += text + "\n";
    },
    async drained() {
      if (pending.length < portionCharacters) return;
      const roomLeft = head.write(pending);
      pending = "";
      if (!roomLeft) await Promise.race([once(head, "drain"), finished]);
    },
    async close() {
      head.end(pending);
      pending = "";
      await finished;
    },
  };
}
