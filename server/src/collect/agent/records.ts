import type { z } from "zod";
import { complaints } from "../../config/complaints.ts";
import { mostFactsBytes, mostListedBytes, record, sentObservation } from "./wire.ts";
import type { SentObservation } from "./observation.ts";

export interface ReadRecord {
  readonly seq: number;
  readonly collector: string;
  readonly observations: readonly SentObservation[];
  readonly listed: string | undefined;
  /** Facts that are not as they must be. */
  readonly refused: number;
}

/** What was sent is not what an agent sends; its message says why, for the one who looks after it. */
export class BadFrame extends Error {
  readonly reason: "malformed" | "too-large" | "unordered";
  constructor(reason: BadFrame["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

export function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new BadFrame("malformed", "A line of the body is not JSON.");
  }
}

export function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first] = complaints(result.error.issues, value, schema);
  const said = first === undefined ? "unknown" : `${first.key === "" ? "" : `${first.key}: `}${first.message}`;
  throw new BadFrame("malformed", `The ${what} is not as it must be: ${said}`);
}

/** A step a fact. Throws BadFrame. A fact that is not understood costs itself, not the record. */
export function* readRecord(line: string): Generator<void, ReadRecord, void> {
  const { facts, ids } = apart(line);
  if (facts.length > mostFactsBytes)
    throw new BadFrame("too-large", `A record may have ${mostFactsBytes / (1 << 20)} MiB beside the ids of a listing.`);
  const { seq, collector, observations, listed = ids } = parsed(record, parseJson(facts), "record");
  const understood: SentObservation[] = [];
  for (const observation of observations) {
    yield;
    // What is no object is not worth what it costs to say what ails it.
    const result =
      typeof observation === "object" && observation !== null ? sentObservation.safeParse(observation) : null;
    if (result?.success === true) understood.push(result.data);
  }
  const refused = observations.length - understood.length;
  return { seq, collector, observations: understood, listed, refused };
}

/**
 * The ids of a listing are one long text, which is read at once whatever stands in it, and an agent writes it before the facts.
 * No JSON has a bare quote within a text, so where they end is where they seem to. Of a longer one than is compared, nothing
 * is kept: its sums stand among the facts.
 */
function apart(line: string): { readonly facts: string; readonly ids: string | undefined } {
  const from = line.length > mostFactsBytes ? line.slice(0, longestHead).indexOf(idsBegin) : -1;
  const end = from < 0 ? -1 : line.indexOf(idsEnd, from + idsBegin.length);
  if (end < 0) return { facts: line, ids: undefined };
  const facts = line.slice(0, from) + line.slice(end + 1);
  const text = line.slice(from + idsBegin.length - 1, end + 1);
  const ids = text.length > mostListedBytes + 2 ? undefined : parseJson(text);
  return { facts, ids: typeof ids === "string" ? ids : undefined };
}

const idsBegin = ',"listed":"';
const idsEnd = '","observations":[';
/** A number and the name of a collector. */
const longestHead = 2_000;
