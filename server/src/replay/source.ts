import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

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

/** An unpacked file. */
export function unpacked(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  const plain = createGunzip({ chunkSize: 256 * 1024 });
  file.on("error", (error) => plain.destroy(error));
  plain.on("close", () => file.destroy());
  return file.pipe(plain);
}
