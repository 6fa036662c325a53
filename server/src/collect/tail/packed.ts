import type { FileHandle } from "node:fs/promises";

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

/** RFC 8878, 3.1.1, and RFC 1952, 2.3.1. */
function packing(head: Buffer): string | undefined {
  if (head.length === 4 && head.readUInt32LE(0) === 0xfd2f_b528) return "zstd";
  return head.length >= 2 && head.readUInt16LE(0) === 0x8b1f ? "gzip" : undefined;
}
