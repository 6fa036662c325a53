// Lines per second of the Postfix parser on one core, beside a loop that only cuts the same bytes into lines.
// usage: tsx bench/parse-postfix.ts [LOG [LINES]]     medians of five runs; a .gz is unpacked first; without a log, a simulated one
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { createPostfixParser } from "../server/src/collect/mta/postfix/parse.ts";
import { LogClock } from "../server/src/collect/syslog/clock.ts";
import { LineSplitter } from "../server/src/collect/tail/split.ts";
import { simulatedDay } from "./support/day.ts";

const [path = join(await simulatedDay(), "mx1", "mail.log.gz"), wanted = "500000"] = process.argv.slice(2);
const raw = readFileSync(path);
const sample = path.endsWith(".gz") ? gunzipSync(raw) : raw;
const linesOfSample = sample.toString("latin1").split("\n").length - 1;
const log = Buffer.concat(Array.from({ length: Math.ceil(Number(wanted) / linesOfSample) }, () => sample));

function* chunks(): Generator<Buffer> {
  for (let at = 0; at < log.length; at += 131_072) yield log.subarray(at, at + 131_072);
}

/** As the follower does it: chunks to lines, lines to events. */
function parse(): number {
  const parse = createPostfixParser({ clock: new LogClock({ zone: "Europe/Vienna", firstYear: 2026 }) });
  const splitter = new LineSplitter();
  let lines = 0;
  let understood = 0;
  for (const chunk of chunks()) {
    for (const { bytes } of splitter.push(chunk)) {
      if (parse(bytes).event !== "other") understood += 1;
      lines += 1;
    }
  }
  if (understood === 0) throw new Error("nothing was understood");
  return lines;
}

async function readlineOnly(): Promise<number> {
  let lines = 0;
  for await (const line of createInterface({ input: Readable.from(chunks()), crlfDelay: Infinity })) {
    if (line.length >= 0) lines += 1;
  }
  return lines;
}

async function median(name: string, run: () => number | Promise<number>): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const startedMs = performance.now();
    const lines = await run();
    rates.push(lines / ((performance.now() - startedMs) / 1000));
  }
  rates.sort((a, b) => a - b);
  const shown = rates.map((rate) => Math.round(rate / 1000));
  console.log(`${name.padEnd(16)} ${shown[2]} k lines/s  (runs: ${shown.join(" ")})`);
}

await median("parse", parse);
await median("readline only", readlineOnly);
