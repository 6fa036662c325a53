import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { once } from "node:events";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";

export interface TextFile {
  /** To be awaited: the disk sets the pace. */
  line(text: string): Promise<void>;
  close(): Promise<void>;
}

const blockCharacters = 1 << 16;

/** A gzip file of lines, readable by its owner alone. */
export async function createTextFile(path: string): Promise<TextFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const packed = createGzip();
  const file = createWriteStream(path, { mode: 0o600 });
  const written = finished(packed.pipe(file));
  written.catch(() => undefined);
  let block: string[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    const text = block.join("");
    block = [];
    characters = 0;
    if (!packed.write(text)) await Promise.race([once(packed, "drain"), written]);
  };
  return {
    async line(text) {
      block.push(text, "\n");
      characters += text.length;
      if (characters >= blockCharacters) await flush();
    },
    async close() {
      await flush();
      packed.end();
      await written;
    },
  };
}
