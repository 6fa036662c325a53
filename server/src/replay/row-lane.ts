import type { EpochMs } from "@mailtide/shared";
import type { Observation } from "../core/observation.ts";
import type { CaptureCounts } from "./contract.ts";
import { type Line, readLines } from "./lines.ts";
import type { Lane } from "./merge.ts";
import { GrowingPortion } from "./portion.ts";
import { TimeOrder } from "./time-order.ts";
import { unparsed } from "./unparsed.ts";

/** Ends of changes that have begun; more than a day of anybody's changes. */
const laterLimit = 10_000;

export interface RowInput {
  readonly name: string;
  readonly path: string;
  /** Throws when the row is not what the file holds. Later observations may lie in the future. */
  read(row: unknown, number: number): readonly Observation[];
}

/** A file of JSON rows. A row that is not what it should be is counted and left out. */
export function rowLane(input: RowInput, counts: CaptureCounts, mostBytes?: number): Lane<Observation> {
  return {
    name: input.name,
    async *portions() {
      const order = new TimeOrder(counts);
      const placeOf = (atMs = Number.NaN): EpochMs => order.placeOf(atMs, Number.NaN);
      const later: Observation[] = [];
      for await (const lines of readLines(input.path, mostBytes)) {
        const portion = new GrowingPortion<Observation>();
        for (const line of lines) {
          if (line.text.trim() === "") continue;
          const read = rowOf(input, line);
          const [now, ...rest] = typeof read === "string" ? [] : read;
          if (now !== undefined) for (const due of takeBefore(later, now.atMs)) portion.add(placeOf(due.atMs), due);
          const atMs = placeOf(now?.atMs);
          if (atMs < counts.endMs) counts.lines++;
          if (typeof read === "string") unparsed(counts, atMs, read);
          if (now !== undefined) portion.add(atMs, now);
          if (later.length < laterLimit) later.push(...rest);
        }
        yield portion;
      }
      const rest = new GrowingPortion<Observation>();
      for (const due of takeBefore(later, Infinity)) rest.add(placeOf(due.atMs), due);
      yield rest;
    },
  };
}

/** What the row holds, or why it cannot be read. */
function rowOf(input: RowInput, line: Line): readonly Observation[] | string {
  try {
    return input.read(JSON.parse(line.text), line.number);
  } catch (error) {
    const why = error instanceof SyntaxError ? "not JSON" : firstWords(error);
    return `${input.name}:${line.number}: ${why}`;
  }
}

function takeBefore(later: Observation[], atMs: EpochMs): Observation[] {
  if (later.length === 0) return [];
  const due = later.filter((one) => one.atMs < atMs).sort((a, b) => a.atMs - b.atMs);
  for (const one of due) later.splice(later.indexOf(one), 1);
  return due;
}

function firstWords(error: unknown): string {
  const issue = (error as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] }).issues?.[0];
  if (issue !== undefined) return `${issue.path.join(".")}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}
