import type { FileHandle } from "node:fs/promises";
import { isZstd } from "../../unpack/zstd-frames.ts";

/** Throws an Error that says what to do when the file begins as compressed ones do: its bytes are no lines. */
export async function refusePacked(handle: FileHandle): Promise<void> {
  const head = Buffer.alloc(4);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  const how = packing(head.subarray(0, bytesRead));
  if (how === undefined) return;
  const segments = how === "zstd" ? "of KumoMTA's segments name the folder; else " : "";
  throw new Error(
    `it is compressed with ${how}; ${segments}let ${how} -dc unpack it and pipe the lines in (stdin: true)`,
  );
}

/** RFC 1952, 2.3.1, says how gzip begins. */
function packing(head: Buffer): string | undefined {
  if (isZstd(head)) return "zstd";
  return head.length >= 2 && head.readUInt16LE(0) === 0x8b1f ? "gzip" : undefined;
}
