import { createHash } from "node:crypto";
import type { EpochMs } from "@mailtide/shared";

/**
 * A spool file is lines of text: `HASH TAB KIND TAB FIELDS… NEWLINE`, the hash being of all that follows its tab. JSON holds
 * neither raw tabs nor newlines, so a line that was torn by a crash, or damaged later, is told by itself.
 */
export type SpoolLine =
  | { readonly kind: "head"; readonly head: SegmentHead }
  | { readonly kind: "record"; readonly record: SpoolRecord }
  | { readonly kind: "mark"; readonly mark: Marks };

/** What must be known when everything before this file is gone. */
export interface SegmentHead {
  readonly version: 1;
  /** Names this spool; the numbers of its records mean something only together with it. */
  readonly epoch: string;
  readonly firstSeq: number;
  readonly dropped: Dropped;
  /** Of an earlier version: not told. */
  readonly sent?: number;
  /** Collector -> its position as JSON. */
  readonly positions: Readonly<Record<string, string>>;
}
export interface Dropped {
  /** Nothing up to here is sent any more. */
  readonly through: number;
  /** Log lines that were never sent, since this spool began. */
  readonly lines: number;
}
export interface Marks {
  readonly dropped: Dropped;
  /** No record beyond this number has left this host; an earlier version did not tell. */
  readonly sent: number | undefined;
}
export interface SpoolRecord {
  readonly seq: number;
  readonly atMs: EpochMs;
  /** Log lines in it, or 0 where it holds none. */
  readonly lines: number;
  readonly collector: string;
  /** JSON; "" where the collector states none; `continued` when the record belongs together with the next. */
  readonly position: string;
  /** As it is sent, but for its number. */
  readonly wire: string;
}

/** No JSON begins like this. */
export const continued = "+";

export function headLine(head: SegmentHead): Buffer {
  return line(`h\t${JSON.stringify(head)}`);
}

export function recordLine({ seq, atMs, lines, collector, position, wire }: SpoolRecord): Buffer {
  return line(`r\t${seq}\t${atMs}\t${lines}\t${JSON.stringify(collector)}\t${position}\t${wire}`);
}

export function marksLine({ dropped: { through, lines }, sent }: Marks): Buffer {
  return line(`d\t${through}\t${lines}\t${sent ?? ""}`);
}

/** Without its newline; null when it is not whole. */
export function parseLine(bytes: Buffer): SpoolLine | null {
  const rest = bytes.subarray(hashLength + 1);
  if (bytes[hashLength] !== tab || bytes.toString("latin1", 0, hashLength) !== hashOf(rest)) return null;
  const text = rest.toString("utf8");
  const [kind, ...fields] = text.split("\t");
  try {
    if (kind === "h") return { kind: "head", head: JSON.parse(fields[0] ?? "") as SegmentHead };
    if (kind === "d") {
      const sent = fields[2] === undefined || fields[2] === "" ? undefined : Number(fields[2]);
      return { kind: "mark", mark: { dropped: { through: Number(fields[0]), lines: Number(fields[1]) }, sent } };
    }
    const [seq, atMs, lines, collector, position, wire] = fields;
    if (kind !== "r" || collector === undefined || position === undefined || wire === undefined) return null;
    const numbers = { seq: Number(seq), atMs: Number(atMs), lines: Number(lines) };
    return { kind: "record", record: { ...numbers, collector: JSON.parse(collector) as string, position, wire } };
  } catch {
    return null;
  }
}

const tab = 9;
const hashLength = 16;

function line(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${hashOf(body)}\t`), body, newline]);
}

function hashOf(body: Buffer): string {
  return createHash("sha1").update(body).digest("hex").slice(0, hashLength);
}

const newline = Buffer.from("\n");
