import type { LogClock } from "./clock.ts";

export interface ReadTime {
  /** NaN when no time stands here. */
  atMs: number;
  /** Behind the time. */
  end: number;
}

/** Reads the time that stands at `start` into `out`: `Nov  3 01:02:03`, `Nov  3 2026 01:02:03`, `2026 Nov  3 01:02:03` (syslog-ng's FULLDATE), ISO 8601, or epoch seconds. */
export function readTime(line: string, start: number, clock: LogClock, out: ReadTime): void {
  out.atMs = Number.NaN;
  out.end = start;
  const first = line.charCodeAt(start);
  if (first >= 65 && first <= 83) readNamedMonth(line, start, clock, out);
  else if (first >= 48 && first <= 57) readIso(line, start, clock, out);
}

function readNamedMonth(line: string, start: number, clock: LogClock, out: ReadTime, yearBefore = Number.NaN): void {
  const month = monthAt(line, start);
  if (month === 0 || line.charCodeAt(start + 3) !== space) return;
  let at = start + 4;
  if (line.charCodeAt(at) === space) at++;
  let day = digit(line, at++);
  if (digit(line, at) >= 0) day = day * 10 + digit(line, at++);
  if (line.charCodeAt(at++) !== space) return;
  let year = yearBefore;
  if (Number.isNaN(year) && line.charCodeAt(at + 4) === space) {
    year = digits(line, at, 4);
    at += 5;
  }
  const hour = digits(line, at, 2);
  const minute = digits(line, at + 3, 2);
  const second = digits(line, at + 6, 2);
  if (!(day >= 1 && day <= 31 && isTimeOfDay(line, at, hour, minute, second))) return;
  at += 8;
  let fractionMs = 0;
  if (line.charCodeAt(at) === dot) {
    fractionMs = fraction(line, at + 1);
    at = skipDigits(line, at + 1);
  }
  // As ctime(3) has it: the year behind the time. No host is called so.
  if (Number.isNaN(year) && line.charCodeAt(at) === space && line.charCodeAt(at + 5) === space) {
    const behind = digits(line, at + 1, 4);
    if (behind >= 1970 && behind < 2100) {
      year = behind;
      at += 5;
    }
  }
  const wholeMs = Number.isNaN(year)
    ? clock.withoutYear(month, day, hour, minute, second)
    : clock.wall(year, month, day, hour, minute, second);
  out.atMs = wholeMs + fractionMs;
  out.end = at;
}

function readIso(line: string, start: number, clock: LogClock, out: ReadTime): void {
  if (line.charCodeAt(start + 4) === space && monthAt(line, start + 5) > 0)
    return readNamedMonth(line, start + 5, clock, out, digits(line, start, 4));
  const separator = line.charCodeAt(start + 10);
  if (separator === dot || (separator === space && line.charCodeAt(start + 4) !== dash))
    return readEpoch(line, start, out);
  if (line.charCodeAt(start + 4) !== dash || line.charCodeAt(start + 7) !== dash) return;
  if (separator !== letterT && separator !== space) return;
  const year = digits(line, start, 4);
  const month = digits(line, start + 5, 2);
  const day = digits(line, start + 8, 2);
  const hour = digits(line, start + 11, 2);
  const minute = digits(line, start + 14, 2);
  const second = digits(line, start + 17, 2);
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return;
  if (!isTimeOfDay(line, start + 11, hour, minute, second)) return;
  let at = start + 19;
  let fractionMs = 0;
  if (line.charCodeAt(at) === dot || line.charCodeAt(at) === comma) {
    fractionMs = fraction(line, at + 1);
    at = skipDigits(line, at + 1);
  }
  // Exim and some formats put a blank before the zone.
  const zone = line.charCodeAt(at) === space && isZone(line, at + 1) ? at + 1 : at;
  const code = line.charCodeAt(zone);
  if (code === letterZ) {
    out.atMs = Date.UTC(year, month - 1, day, hour, minute, second) + fractionMs;
    out.end = zone + 1;
  } else if (isZone(line, zone)) {
    const wide = line.charCodeAt(zone + 3) === colon ? 1 : 0;
    const offset = digits(line, zone + 1, 2) * 60 + digits(line, zone + 3 + wide, 2);
    const offsetMs = (code === dash ? -offset : offset) * 60_000;
    out.atMs = Date.UTC(year, month - 1, day, hour, minute, second) + fractionMs - offsetMs;
    out.end = zone + 5 + wide;
  } else {
    out.atMs = clock.wall(year, month, day, hour, minute, second) + fractionMs;
    out.end = at;
  }
}

/** `1795462865.123456`, as `journalctl -o short-unix` has it. */
function readEpoch(line: string, start: number, out: ReadTime): void {
  const seconds = digits(line, start, 10);
  if (!(seconds >= 1e9)) return;
  const isWhole = line.charCodeAt(start + 10) === space;
  out.atMs = seconds * 1000 + (isWhole ? 0 : fraction(line, start + 11));
  out.end = isWhole ? start + 10 : skipDigits(line, start + 11);
}

const space = 32;
const plus = 43;
const comma = 44;
const dash = 45;
const dot = 46;
const colon = 58;
const letterT = 84;
const letterZ = 90;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** The three letters as one number: no string is made for a line. */
const monthByLetters = new Map(months.map((name, index) => [letters(name, 0), index + 1]));

function letters(line: string, at: number): number {
  return (line.charCodeAt(at) << 16) | (line.charCodeAt(at + 1) << 8) | line.charCodeAt(at + 2);
}

function monthAt(line: string, at: number): number {
  return monthByLetters.get(letters(line, at)) ?? 0;
}

function isTimeOfDay(line: string, at: number, hour: number, minute: number, second: number): boolean {
  // A second 60 is a leap second.
  return (
    hour <= 23 && minute <= 59 && second <= 60 && line.charCodeAt(at + 2) === colon && line.charCodeAt(at + 5) === colon
  );
}

function isZone(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  if (code !== plus && code !== dash) return false;
  return !Number.isNaN(digits(line, at + 1, 2)) && (line.charCodeAt(at + 3) === colon || digit(line, at + 3) >= 0);
}

function digit(line: string, at: number): number {
  const value = line.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : -1;
}

/** NaN unless all `count` characters are digits. */
function digits(line: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const next = line.charCodeAt(index) - 48;
    if (!(next >= 0 && next <= 9)) return Number.NaN;
    value = value * 10 + next;
  }
  return value;
}

function skipDigits(line: string, from: number): number {
  let at = from;
  while (digit(line, at) >= 0) at++;
  return at;
}

/** The first three decimals, as whole milliseconds. */
function fraction(line: string, at: number): number {
  let value = 0;
  let weight = 100;
  for (let index = at; weight >= 1 && digit(line, index) >= 0; index++, weight /= 10)
    value += digit(line, index) * weight;
  return value;
}
