import type { Readable } from "node:stream";
import { unpackZstd } from "../../unpack/zstd.ts";
import { JournalExport } from "../journald/export.ts";
import { lineOfJson } from "../journald/json.ts";
import { lineOfEntry } from "../journald/entry.ts";
import type { SourceLine } from "../tail/source.ts";
import { LineSplitter } from "../tail/split.ts";
import type { LineWay } from "./line-way.ts";

/**
 * Lines that another program pipes in; a pipe has no position to go back to. What `journalctl` prints with `-o export` or
 * `-o json` is told by how it begins, and so is zstd.
 */
export function standardInput(input: Readable = process.stdin): LineWay {
  const stop = (): void => void input.destroy();
  return {
    async run(hand, context, ended) {
      let failure: string | null = null;
      ended.addEventListener("abort", stop, { once: true });
      const alive = setInterval(() => failure === null && context.health("ok", null), 1_000);
      let read: Cutter | null = null;
      try {
        for await (const chunk of unpackZstd(input as AsyncIterable<Buffer>)) {
          read ??= cutterFor(chunk);
          await hand({ lines: read.push(chunk), isOnlyHere: true });
        }
        const rest = read?.finish() ?? [];
        if (rest.length > 0) await hand({ lines: rest, isOnlyHere: true });
        failure = "standard input has ended";
      } catch (error) {
        failure = `standard input cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      } finally {
        clearInterval(alive);
        ended.removeEventListener("abort", stop);
      }
      if (!ended.aborted) context.health("failing", failure);
    },
  };
}

interface Cutter {
  push(chunk: Buffer): SourceLine[];
  finish(): SourceLine[];
}

function cutterFor(head: Buffer): Cutter {
  const begin = head.subarray(0, 10).toString("latin1");
  if (begin.startsWith("__CURSOR=")) {
    const journal = new JournalExport();
    return {
      push: (chunk) => [...journal.push(chunk)].flatMap((entry) => lineOfEntry(entry) ?? []),
      finish: () => [...journal.finish()].flatMap((entry) => lineOfEntry(entry) ?? []),
    };
  }
  const splitter = new LineSplitter();
  const isJson = begin.startsWith("{");
  const asLine = (line: SourceLine): SourceLine => (isJson ? (lineOfJson(line.bytes) ?? line) : line);
  return {
    push: (chunk) => [...splitter.push(chunk)].map(asLine),
    finish: () => [splitter.finish()].flatMap((line) => (line === undefined ? [] : asLine(line))),
  };
}
