import { once } from "node:events";
import { readableMtas } from "../collect/readable.ts";
import { lineReader } from "../collect/readers.ts";
import { printedLine } from "../collect/parsed-line.ts";
import { eventsOf } from "../replay/events-of.ts";
import { blocksOf } from "../replay/lines.ts";
import { streamSource } from "../replay/source.ts";
import { unpackZstd } from "../unpack/zstd.ts";
import { pipedInput } from "./piped-input.ts";
import { unknown } from "./unknown.ts";

export interface ParseOptions {
  readonly mta: string;
  readonly year?: number;
  readonly tz: string;
}

/** Lines on standard input, zstd or not, one JSON object a line out, in the same order, flushed as it goes. */
export async function parse({ mta, year, tz }: ParseOptions): Promise<number> {
  const reader = lineReader(mta, { zone: tz, year: year ?? new Date().getUTCFullYear() });
  if (reader === null) {
    console.error(`mailtide: ${unknown(`--mta ${mta} is not known`, readableMtas, mta)}`);
    return 2;
  }
  const input = pipedInput("parse", "log lines");
  for await (const block of blocksOf(streamSource(unpackZstd(input)))) {
    const documents = eventsOf(reader, block).map((event) => `${printedLine(event)}\n`);
    if (!process.stdout.write(documents.join(""))) await once(process.stdout, "drain");
  }
  return 0;
}
