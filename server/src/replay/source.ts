import { createReadStream } from "node:fs";
import { gunzipped } from "../unpack/gunzip.ts";

/** Fills memory from `at` on; at most to its end. Resolves to how many bytes came, 0 at the end of all. */
export type Source = (into: Buffer, at: number) => Promise<number>;

/** What a stream gives, a piece of it at a time. */
export function streamSource(stream: AsyncIterable<Buffer>): Source {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer | null = null;
  return async (into, at) => {
    while (rest === null || rest.length === 0) {
      const { done, value } = await chunks.next();
      if (done === true) return 0;
      rest = value;
    }
    const copied = rest.copy(into, at);
    rest = rest.subarray(copied);
    return copied;
  };
}

/** A file that gzip packed. */
export function unpacked(path: string): AsyncIterable<Buffer> {
  return gunzipped(createReadStream(path, { highWaterMark: readBytes }), readBytes);
}

const readBytes = 256 * 1024;
