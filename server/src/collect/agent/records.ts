import type { z } from "zod";
import { complaints } from "../../config/complaints.ts";
import { mostRecordBytes, record, sentObservation } from "./wire.ts";
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
  if (line.length > mostRecordBytes) throw new BadFrame("too-large", `A record may have ${mostRecordBytes >> 20} MiB.`);
  const { seq, collector, observations, listed } = parsed(record, parseJson(line), "record");
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
