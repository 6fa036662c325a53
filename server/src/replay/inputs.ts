import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { unreadable } from "../config/unreadable.ts";
import type { ParserFor } from "./contract.ts";
import { readLines } from "./lines.ts";

export const logNames = ["mail.log", "reject.log", "panic.log"] as const;

/** The path of an input, packed or not; null when there is none. */
export async function findInput(folder: string, name: string): Promise<string | null> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`), join(folder, `${name}.zst`)]) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw new Error(`${path}: ${unreadable(error)}`, { cause: error });
    });
    if (found?.isDirectory() === true) throw new Error(`${path}: is a folder, not a file`);
    if (found !== null) return path;
  }
  return null;
}

/** By what only this MTA writes. */
const signatures: readonly (readonly [mta: string, line: RegExp])[] = [
  ["postfix", / postfix[\w/-]*\[\d+\]: /],
  ["exim", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? .*(?: <= | => | == | \*\* | Completed)/],
  ["opensmtpd", / smtpd\[\d+\]: [0-9a-f]{16} (?:smtp|mta|mda) /],
  ["sendmail", / (?:sendmail|sm-mta)\[\d+\]: /],
  ["kumomta", /^\{"type":"[A-Za-z]+","id":"[0-9a-f]{32}",/],
];

/** Throws when no line of the beginning looks like any MTA's. */
export async function detectMta(path: string): Promise<string> {
  const head = await readHead(path);
  if (head.length === 0) throw new Error(`${path}: is empty`);
  for (const [mta, looks] of signatures) if (head.some((line) => looks.test(line))) return mta;
  throw new Error(`${path}: cannot tell whose log this is; state nodes.mta in capture.yaml`);
}

/** What a log tells of itself, and what has to be assumed about it, in words. */
export interface LogNature {
  readonly mta: string;
  readonly host: string;
  readonly zone: string;
  readonly year: number;
  readonly assumptions: readonly string[];
}

/** Looks at a log of which nothing is stated. */
export async function explore(
  path: string,
  parserFor: ParserFor,
  given: { readonly year?: number | undefined; readonly zone?: string | undefined },
): Promise<LogNature> {
  const assumptions: string[] = [];
  const mta = await detectMta(path);
  const head = await readHead(path);
  const first = (zone: string, year: number) => {
    const parse = parserFor(mta, { zone, year });
    for (const line of head) {
      const event = parse(line);
      if (event.atMs !== undefined) return { atMs: event.atMs, host: event.host };
    }
    throw new Error(`${path}: no line of its beginning has a time that can be read`);
  };

  let zone = given.zone;
  if (zone === undefined) {
    zone = "UTC";
    // A timestamp that reads the same in two zones states its own.
    if (first("UTC", 2001).atMs !== first("Etc/GMT+6", 2001).atMs)
      assumptions.push("the log states no time zone: UTC is assumed");
  }
  let { year } = given;
  if (year === undefined) {
    const changedMs = (await stat(path)).mtimeMs;
    year = newestYear(changedMs, (candidate) => first(zone, candidate).atMs);
    if (first(zone, 2001).atMs !== first(zone, 2002).atMs) {
      assumptions.push(`the log states no year: ${year} is assumed, from the file's last change`);
    }
  }
  const host = first(zone, year).host ?? "host";
  assumptions.push(`the node is the logged host, ${host}`);
  return { mta, host, zone, year, assumptions };
}

const dayMs = 86_400_000;

/** The newest year in which the log begins before its file was last changed. */
function newestYear(changedMs: EpochMs, beginsMs: (year: number) => EpochMs): number {
  const year = new Date(changedMs).getUTCFullYear();
  return beginsMs(year) > changedMs + dayMs ? year - 1 : year;
}

async function readHead(path: string): Promise<readonly string[]> {
  for await (const lines of readLines(path)) return lines.map(({ text }) => text);
  return [];
}
