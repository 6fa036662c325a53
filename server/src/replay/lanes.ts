import type { EpochMs, Millis, NodeId } from "@mailtide/shared";
import type { MailEvent } from "../core/event.ts";
import type { LineReader } from "../core/line-block.ts";
import type { Observation } from "../core/observation.ts";
import type { CaptureCounts } from "./contract.ts";
import { type Line, lineText, type LinesRead, readBlocks, readLines } from "./lines.ts";
import { GrowingPortion, type Lane, type Portion } from "./merge.ts";

/** An input may be this much out of order before a line counts as late. */
const watermarkMs: Millis = 2_000;
/** A step of more than this that the next line takes back is a broken line, not a gap. */
const brokenStepMs: Millis = 3_600_000;
const problemLimit = 20;
/** Ends of changes that have begun; more than a day of anybody's changes. */
const laterLimit = 10_000;

export interface LogInput {
  readonly name: string;
  readonly path: string;
  readonly node: NodeId;
  /** A fresh parser: it remembers the year. */
  parser(): LineReader;
}

/** A raw log. Every line becomes an observation; one without a time takes the time of the line before. */
export function logLane(input: LogInput, counts: CaptureCounts, mostBytes?: number): Lane<Observation> {
  return {
    name: input.name,
    async *portions() {
      const read = lineReader(input, counts);
      for await (const block of readBlocks(input.path, mostBytes)) yield read(block);
    },
  };
}

/** A plain function: engines do not make the loops of generators fast. */
function lineReader(
  { name, node, parser }: LogInput,
  counts: CaptureCounts,
): (block: LinesRead) => Portion<Observation> {
  const parse = parser();
  const order = createOrder(counts);
  return (block) => {
    const events = eventsOf(parse, block);
    const portion = new GrowingPortion<Observation>();
    let counted = 0;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as MailEvent;
      const told = event.atMs;
      const atMs = order(told, events[at + 1]?.atMs);
      if (atMs < counts.endMs) counted += 1;
      if (told !== undefined && told <= atMs) portion.add(atMs, { kind: "log", node, atMs: told, event });
      else {
        unparsed(counts, atMs, `${name}:${block.first + at}: no time that fits its neighbours`);
        portion.add(atMs, { kind: "log", node, atMs, event });
      }
    }
    counts.lines += counted;
    return portion;
  };
}

/** The lines of a block as one parser reads them: from the bytes, where it can. */
export function eventsOf(parse: LineReader, block: LinesRead): MailEvent[] {
  const { inBlock } = parse;
  const { starts, ends } = block;
  const events: MailEvent[] = [];
  for (let at = 0; at < starts.length; at++)
    events.push(inBlock === undefined ? parse(lineText(block, at)) : inBlock(block, starts[at] ?? 0, ends[at] ?? 0));
  for (const at of block.truncated) {
    const cut = events[at];
    if (cut !== undefined) cut.truncated = true;
  }
  return events;
}

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
      const order = createOrder(counts);
      const later: Observation[] = [];
      for await (const lines of readLines(input.path, mostBytes)) {
        const portion = new GrowingPortion<Observation>();
        for (const line of lines) {
          if (line.text.trim() === "") continue;
          const read = rowOf(input, line);
          const [now, ...rest] = typeof read === "string" ? [] : read;
          if (now !== undefined) for (const due of takeBefore(later, now.atMs)) portion.add(order(due.atMs), due);
          const atMs = order(now?.atMs);
          if (atMs < counts.endMs) counts.lines++;
          if (typeof read === "string") unparsed(counts, atMs, read);
          if (now !== undefined) portion.add(atMs, now);
          if (later.length < laterLimit) later.push(...rest);
        }
        yield portion;
      }
      const rest = new GrowingPortion<Observation>();
      for (const due of takeBefore(later, Infinity)) rest.add(order(due.atMs), due);
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

/** Gives each item its place in time: never before what came earlier in the same input. */
function createOrder(counts: CaptureCounts): (atMs: EpochMs | undefined, nextMs?: EpochMs) => EpochMs {
  let lastMs: EpochMs | null = null;
  return (atMs, nextMs) => {
    if (atMs === undefined) return lastMs ?? nextMs ?? 0;
    if (lastMs === null) return (lastMs = nextMs !== undefined && atMs - nextMs > brokenStepMs ? nextMs : atMs);
    if (atMs < lastMs - watermarkMs && lastMs < counts.endMs) counts.late++;
    // One garbled date must not hold back everything after it.
    const broken = nextMs !== undefined && atMs - lastMs > brokenStepMs && atMs - nextMs > brokenStepMs;
    if (!broken) lastMs = Math.max(lastMs, atMs);
    return lastMs;
  };
}

function unparsed(counts: CaptureCounts, atMs: EpochMs, problem: string): void {
  if (atMs >= counts.endMs) return;
  counts.unparsed++;
  if (counts.problems.length < problemLimit) counts.problems.push(problem);
}

function firstWords(error: unknown): string {
  const issue = (error as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] }).issues?.[0];
  if (issue !== undefined) return `${issue.path.join(".")}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}
