import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Where reading of a log stands: which file, which byte, and enough of its content to know it again. JSON. */
export interface FilePosition {
  readonly device: number;
  readonly inode: number;
  /** The first byte that is not yet committed; always the beginning of a line. */
  readonly offset: number;
  readonly fingerprint: Fingerprint;
  /** Of a file of which nothing was known yet, as it was empty: the inodes of the rotated files beside it by then. */
  readonly beside?: readonly number[];
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

export const noFingerprint: Fingerprint = { headBytes: 0, head: "", tailBytes: 0, tail: "" };

/** Reads the fingerprint of a file at an offset that has been read. */
export async function fingerprintAt(file: FileHandle, offset: number): Promise<Fingerprint> {
  const head = await part(file, 0, longestPartBytes);
  const tailBytes = Math.min(longestPartBytes, offset);
  const tail = await part(file, offset - tailBytes, tailBytes);
  return { headBytes: head.length, head: digest(head), tailBytes, tail: digest(tail) };
}

/** The file still holds what stood before the offset. */
export async function matches(file: FileHandle, offset: number, fingerprint: Fingerprint): Promise<boolean> {
  const { headBytes, head, tailBytes, tail } = fingerprint;
  if (offset < tailBytes) return false;
  if (digest(await part(file, 0, headBytes)) !== head) return false;
  return digest(await part(file, offset - tailBytes, tailBytes)) === tail;
}

/** A position that was kept as JSON, or undefined when it is none of ours. */
export function parsePosition(value: unknown): FilePosition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { device, inode, offset, fingerprint, beside } = value as Record<string, unknown>;
  if (![device, inode, offset].every((part) => typeof part === "number" && part >= 0)) return undefined;
  if (beside !== undefined && !(Array.isArray(beside) && beside.every((one) => typeof one === "number")))
    return undefined;
  if (typeof fingerprint !== "object" || fingerprint === null) return undefined;
  const { headBytes, head, tailBytes, tail } = fingerprint as Record<string, unknown>;
  if (typeof headBytes !== "number" || typeof tailBytes !== "number") return undefined;
  if (typeof head !== "string" || typeof tail !== "string") return undefined;
  return value as FilePosition;
}

const longestPartBytes = 256;

/** Fewer bytes when the file is shorter. */
async function part(file: FileHandle, start: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 0) return buffer;
  const { bytesRead } = await file.read(buffer, 0, bytes, start);
  return buffer.subarray(0, bytesRead);
}

function digest(bytes: Buffer): string {
  return bytes.length === 0 ? "" : createHash("sha1").update(bytes).digest("base64");
}
