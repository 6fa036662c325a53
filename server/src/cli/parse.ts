import { createInterface } from "node:readline";
import { once } from "node:events";
import { lineParser, readableMtas } from "../collect/index.ts";

export interface ParseOptions {
  readonly mta: string;
  readonly year?: number;
  readonly tz: string;
}

/** Lines on standard input, one JSON object a line out, in the same order, flushed as it goes. */
export async function parse({ mta, year, tz }: ParseOptions): Promise<number> {
  const toDocument = lineParser(mta, { zone: tz, year: year ?? new Date().getUTCFullYear() });
  if (toDocument === null) {
    console.error(`mailtide: --mta ${mta} is not known; known: ${readableMtas.join(", ")}`);
    return 2;
  }
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (!process.stdout.write(`${JSON.stringify(toDocument(line))}\n`)) await once(process.stdout, "drain");
  }
  return 0;
}
