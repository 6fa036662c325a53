import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { RotatedFile } from "./rotated.ts";

/**
 * How many files stood between one that was left and the next and are gone, at least, as far as that can be shown. `next`:
 * undefined when that is the log itself; `newest`: the number that its newest rotated file has (`start`), undefined where
 * none was seen.
 */
export async function missingBetween(
  left: RotatedFile,
  next: RotatedFile | undefined,
  all: readonly RotatedFile[],
  newest: number | undefined,
  path: string,
): Promise<number> {
  if (left.number !== undefined) return numbersBetween(left.number, next, all, newest);
  const after = next ?? (await logAsNext(path));
  return after !== null && anotherStoodBetween(left, after) ? 1 : 0;
}

/** Of the files of a log, the lowest number in their names. */
export function lowestNumber(all: readonly RotatedFile[]): number | undefined {
  const numbers = all.flatMap(({ number }) => number ?? []);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/** Numbers that no file has, where a greater number is an older file. */
function numbersBetween(
  left: number,
  next: RotatedFile | undefined,
  all: readonly RotatedFile[],
  newest: number | undefined,
): number {
  if (next !== undefined) return next.number === undefined ? 0 : Math.max(0, left - next.number - 1);
  const isNewest = (lowestNumber(all) ?? left) >= left;
  return isNewest && newest !== undefined ? Math.max(0, left - newest) : 0;
}

/**
 * Whether another file must have stood between one that was left and the next. Dates in names do not tell: a log may be
 * rotated once a week, or only when something is in it. But a file that was written until it was left had a writer, and that
 * turns to the next one at once. One that came to be half a day later came with another rotation, unless the writer makes
 * its files itself and was silent for just so long. Of a packed file nothing tells when it began.
 */
export function anotherStoodBetween(left: NextTimes & Pick<RotatedFile, "changedMs">, next: NextTimes): boolean {
  const leftMs = left.isPacked ? left.bornMs : left.changedMs;
  const wasWritten = left.modifiedMs > leftMs - rotationTakesMs;
  // A copy (`copytruncate`) is complete as soon as it is there.
  const wasFollowed = !next.isPacked && next.modifiedMs > next.bornMs + rotationTakesMs;
  return wasWritten && wasFollowed && next.bornMs > leftMs + halfDayMs;
}

type NextTimes = Pick<RotatedFile, "isPacked" | "bornMs" | "modifiedMs">;

/** The log itself, as the next file; null when it is not there. */
async function logAsNext(path: string): Promise<NextTimes | null> {
  const found = await stat(path).catch(() => null);
  return found && { isPacked: false, bornMs: found.birthtimeMs, modifiedMs: found.mtimeMs };
}

/**
 * Whether the next file of one that is gone came to be long after that was left: the writer turns from one to the other at
 * once. One that went straight away (`rotate 0`) went when the next one came; one that went later was written until then.
 */
export async function isApart(last: Stats, next: RotatedFile | undefined, path: string): Promise<boolean> {
  if (next !== undefined) return next.isPacked || next.bornMs > last.mtimeMs + rotationTakesMs;
  const log = await logAsNext(path);
  return log !== null && log.bornMs > last.ctimeMs + rotationTakesMs;
}

const rotationTakesMs = 5_000;
const halfDayMs = 12 * 3_600_000;
