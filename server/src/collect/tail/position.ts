import { createHash } from "node:crypto";
import type { LogFile } from "./log-file.ts";

/** Where reading of a log stands: which file, which byte, and enough of its content to know it again. JSON. */
export interface FilePosition {
  readonly device: number;
  readonly inode: number;
  /** The first byte that is not yet committed, unpacked; always the beginning of a line. */
  readonly offset: number;
  readonly fingerprint: Fingerprint;
  /** When the file was last written to, as of the last look: what was written later was not read. */
  readonly modifiedMs?: number;
  /** Of a file of which nothing was known yet, as it was empty: the inodes of the rotated files beside it by then. */
  readonly beside?: readonly number[];
  /** The number of the newest rotated file, when one was seen last: 1, or what logrotate's `start` says. */
  readonly newestNumber?: number;
}

/**
 * Digests of the file's first bytes (also of those not read yet, so that a file is known from its first line on) and of
 * those before the offset: a file that was emptied and written again differs.
 */
export interface Fingerprint {
  readonly headBytes: number;
  readonly head: string;
  readonly tailBytes: number;
  readonly tail: string;
}

/** The bytes themselves. */
export interface Traces {
  readonly head: Buffer;
  readonly tail: Buffer;
}

export const noTraces: Traces = { head: Buffer.alloc(0), tail: Buffer.alloc(0) };

export function fingerprintOf({ head, tail }: Traces): Fingerprint {
  return { headBytes: head.length, head: digest(head), tailBytes: tail.length, tail: digest(tail) };
}

/** Of a file at an offset that has been read. */
export async function tracesAt(file: LogFile, offset: number): Promise<Traces> {
  const head = await part(file, 0, longestTraceBytes);
  const tailBytes = Math.min(longestTraceBytes, offset);
  return { head, tail: await part(file, offset - tailBytes, tailBytes) };
}

/** What `tracesAt` gives when the file still holds what stood before the offset; else null. */
export async function recognised(file: LogFile, { offset, fingerprint }: KnownPlace): Promise<Traces | null> {
  const { headBytes, head, tailBytes, tail } = fingerprint;
  if (offset < tailBytes) return null;
  const first = await part(file, 0, Math.max(headBytes, longestTraceBytes));
  if (first.length < headBytes || digest(first.subarray(0, headBytes)) !== head) return null;
  const before = await part(file, offset - tailBytes, tailBytes);
  return before.length === tailBytes && digest(before) === tail ? { head: first, tail: before } : null;
}

export type KnownPlace = Pick<FilePosition, "offset" | "fingerprint">;

/** A position that was kept as JSON, or undefined when it is none of ours. */
export function parsePosition(value: unknown): FilePosition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const {
    device,
    inode,
    offset,
    fingerprint,
    modifiedMs = 0,
    beside,
    newestNumber = 0,
  } = value as Record<string, unknown>;
  const figures = [device, inode, offset, modifiedMs, newestNumber];
  if (!figures.every((part) => typeof part === "number" && part >= 0)) return undefined;
  if (beside !== undefined && !(Array.isArray(beside) && beside.every((one) => typeof one === "number")))
    return undefined;
  if (typeof fingerprint !== "object" || fingerprint === null) return undefined;
  const { headBytes, head, tailBytes, tail } = fingerprint as Record<string, unknown>;
  if (typeof headBytes !== "number" || typeof tailBytes !== "number") return undefined;
  if (typeof head !== "string" || typeof tail !== "string") return undefined;
  return value as FilePosition;
}

export const longestTraceBytes = 256;

/** Fewer bytes when the file is shorter. */
async function part(file: LogFile, start: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 0) return buffer;
  const { bytesRead } = await file.read(buffer, 0, bytes, start);
  return buffer.subarray(0, bytesRead);
}

function digest(bytes: Buffer): string {
  return bytes.length === 0 ? "" : createHash("sha1").update(bytes).digest("base64");
}
