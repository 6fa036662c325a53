// Outside cases (JSON Lines in a folder: `{id, mta, kind, form, input, expect}`) with other names, headers and orders of fields:
// how many of the facts that hold for a line as it is hold for its variants too.
// usage: tsx bench/mutate-cases.ts FOLDER [VARIANTS]     --misses as the last argument prints each
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lineParser } from "../server/src/collect/readers.ts";
import { randomOf } from "../server/test/fuzz/mangle.ts";
import { type Facts, rename } from "../server/test/mutate/rename.ts";
import { reheader, reorder } from "../server/test/mutate/reshape.ts";

interface Case {
  readonly id: string;
  readonly mta: string;
  readonly kind: string;
  readonly form: string;
  readonly input: string;
  readonly expect: Facts;
}

const [folder, wanted = "8"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: tsx bench/mutate-cases.ts FOLDER [VARIANTS] [--misses]");
  process.exit(2);
}
const showsMisses = process.argv.includes("--misses");
const random = randomOf(20_161_126);
/** Of what cases state, that which `mailtide parse` has under the same name. */
const known = new Set(
  (
    "process pid host queueId clientIp clientPort from to size nrcpt messageId status dsn delay relayIp relayPort " +
    "bounceQueueId reject code helo"
  ).split(" "),
);
const tally = { facts: 0, held: 0, lines: 0 };

for (const each of cases(folder)) {
  if (each.kind !== "log" || !["line", "body"].includes(each.form) || each.input.includes("\n")) continue;
  const line = each.form === "body" ? `Jan  2 03:04:05 mx1 postfix/smtpd[4711]: ${each.input}` : each.input;
  const said = parsed(each.mta, line);
  if (said === null) continue;
  const stated = Object.fromEntries(
    Object.entries(each.expect).filter(([key, value]) => known.has(key) && value !== null && same(value, said[key])),
  );
  for (let variant = 0; variant < Number(wanted); variant += 1) {
    const other = rename(reorder(line, each.mta, random), said, each.mta, random);
    const atMs = typeof said["time"] === "string" ? Date.parse(said["time"]) : 0;
    const outer = reheader(other.line, each.mta, atMs, random);
    const expected = { ...other.facts(stated), ...outer.facts };
    const got = parsed(each.mta, outer.line) ?? {};
    tally.lines += 1;
    for (const [key, value] of Object.entries(expected)) {
      tally.facts += 1;
      if (same(value, got[key])) tally.held += 1;
      else if (showsMisses) console.log(JSON.stringify({ id: each.id, key, value, got: got[key], line: outer.line }));
    }
  }
}
const percent = ((100 * tally.held) / tally.facts).toFixed(2);
console.log(`${tally.held}/${tally.facts} facts of ${tally.lines} changed lines (${percent} %)`);

function cases(from: string): Case[] {
  const files = readdirSync(from).filter((name) => name.endsWith(".jsonl"));
  const lines = files.flatMap((name) => readFileSync(join(from, name), "utf8").split("\n"));
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Case);
}

function parsed(mta: string, line: string): Record<string, unknown> | null {
  return lineParser(mta, { zone: "UTC", year: 2024 })?.(line) ?? null;
}

/** As cases write values: numbers as text, in brackets or not, in any case of letters. */
function same(wanted: unknown, got: unknown): boolean {
  if (typeof wanted === "number" || typeof got === "number") return Number(wanted) === Number(got);
  return plain(wanted) === plain(got);
}

function plain(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^<|>$/g, "").toLowerCase() : value;
}
