import type { EpochMs } from "@mailtide/shared";
import { table } from "../table.ts";

/** A point of the line protocol. Names and values are whatever the sender wrote; only numbers are kept as fields. */
export interface Point {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, number>;
  /** Undefined: when it is taken. */
  readonly atMs: EpochMs | undefined;
}
export interface ReadPoints {
  readonly points: readonly Point[];
  /** Lines that are none, the first of them in InfluxDB's words. */
  readonly garbled: number;
  readonly firstError: string | null;
  /** Points beyond the bound. */
  readonly dropped: number;
}

/** How many milliseconds a unit of the time stamp is. */
export const precisions = table<number>({
  n: 1e-6,
  ns: 1e-6,
  u: 1e-3,
  us: 1e-3,
  µ: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
});

const mostPoints = 100_000;
const mostParts = 256;
const longestLine = 65_536;

/**
 * InfluxDB's line protocol (docs.influxdata.com, "InfluxDB line protocol reference"), a step a line. A line that is none costs
 * only itself.
 */
export function* readPoints(text: string, unitMs: number): Generator<void, ReadPoints, void> {
  const points: Point[] = [];
  let [garbled, dropped] = [0, 0];
  let firstError: string | null = null;
  for (const line of linesOf(text)) {
    yield;
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    if (points.length >= mostPoints) {
      dropped += 1;
      continue;
    }
    const read = readPoint(trimmed, unitMs);
    if (typeof read !== "string") points.push(read);
    else {
      garbled += 1;
      firstError ??= `unable to parse '${trimmed.slice(0, 200)}': ${read}`;
    }
  }
  return { points, garbled, firstError, dropped };
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = endOfLine(text, start);
    yield text.slice(start, end);
    start = end + 1;
  }
}

/**
 * A line end within a string belongs to it. A quote opens one only where a field's value begins: in names and tags it is a
 * letter. A string that nobody closes, or closes in the middle of a value, ends with its line, so that it costs only that.
 */
function endOfLine(text: string, start: number): number {
  let at = skipBlanks(text, start);
  if (text[at] === "#") return newlineFrom(text, at);
  let [isField, openedAt] = [false, -1];
  for (; at < text.length; at += 1) {
    if (at - start > longestLine) return newlineFrom(text, at);
    const mark = text[at];
    if (mark === "\\" && (openedAt >= 0 || text[at + 1] !== "\n")) at += 1;
    else if (mark === '"' && openedAt >= 0) {
      if (!/^[ ,\r\n]?$/.test(text.charAt(at + 1))) break;
      openedAt = -1;
    } else if (mark === '"' && isField && text[at - 1] === "=") openedAt = at;
    else if (mark === "\n" && openedAt < 0) return at;
    else if (mark === " ") isField = true;
  }
  return openedAt < 0 ? text.length : newlineFrom(text, openedAt);
}

function newlineFrom(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

function readPoint(line: string, unitMs: number): Point | string {
  if (line.length > longestLine) return "line too long";
  const head = untilBlank(line, 0, false);
  const body = untilBlank(line, skipBlanks(line, head), true);
  const [measurement = "", ...tagged] = parts(line.slice(0, head), ",", false);
  const fielded = parts(line.slice(skipBlanks(line, head), body), ",", true);
  const stamp = line.slice(body).trim();
  if (measurement === "") return "missing measurement";
  if (fielded.length === 0) return "missing fields";
  if (tagged.length + fielded.length > mostParts) return "too many tags and fields";
  const tags = new Map<string, string>();
  for (const tag of tagged) {
    const [name = "", value = "", more] = parts(tag, "=", false);
    if (name === "" || value === "" || more !== undefined) return "missing tag value";
    tags.set(plain(name), plain(value));
  }
  const fields = new Map<string, number>();
  for (const field of fielded) {
    const [name = "", value = ""] = parts(field, "=", true);
    const number = fieldValue(value);
    if (name === "" || number === undefined) return name === "" ? "missing field key" : "invalid field format";
    if (number !== null) fields.set(plain(name), number);
  }
  if (stamp !== "" && !/^-?\d{1,20}$/.test(stamp)) return "bad timestamp";
  const atMs = stamp === "" ? undefined : Math.floor(Number(stamp) * unitMs);
  return { measurement: plain(measurement), tags, fields, atMs };
}

/** Null: well formed, and no number. Undefined: not well formed. */
function fieldValue(text: string): number | null | undefined {
  if (/^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iu]?$/.test(text)) return Number(text.replace(/[iu]$/, ""));
  if (/^(?:t|T|true|True|TRUE|f|F|false|False|FALSE)$/.test(text)) return null;
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? null : undefined;
}

function untilBlank(line: string, from: number, hasStrings: boolean): number {
  return find(line, from, hasStrings, (mark) => mark === " ");
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line[at] === " ") at += 1;
  return at;
}

function parts(text: string, by: string, hasStrings: boolean): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    const end = find(text, from, hasStrings, (mark) => mark === by);
    found.push(text.slice(from, end));
    from = end + 1;
  }
  return found;
}

/** The first place outside strings, where there are any, that is not escaped. */
function find(text: string, from: number, hasStrings: boolean, isIt: (mark: string) => boolean): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    const mark = text.charAt(at);
    if (mark === "\\") at += 1;
    else if (hasStrings && mark === '"') isQuoted = !isQuoted;
    else if (!isQuoted && isIt(mark)) return at;
  }
  return text.length;
}

const plain = (text: string): string => text.replace(/\\([,= ])/g, "$1");
