import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { need } from "./process.ts";

/** As a file is packed; its size is not known beforehand, as of KumoMTA's segments. */
export function pack(plain: string | Buffer, ...args: readonly string[]): Buffer {
  return execFileSync(need("zstd", "zstd"), ["-q", "-c", ...args], { input: plain, maxBuffer: 64 << 20 });
}

export interface GrowingSegment {
  /** A block comes out once 128 KiB were written or more. */
  write(plain: string): Promise<void>;
  /** Ends the frame, and says by the file's mode that it is at its end. */
  close(): Promise<void>;
  /** As when the writer is killed and starts again: it takes no more, and its frame has no end. */
  kill(): Promise<void>;
}

/** A segment that is written as KumoMTA does it: one frame that grows by blocks. */
export function growSegment(path: string, ...args: readonly string[]): GrowingSegment {
  const file = openSync(path, "w", 0o644);
  const packer = spawn(need("zstd", "zstd"), ["-q", "-c", "--single-thread", "--no-check", ...args], {
    stdio: ["pipe", file, "inherit"],
  });
  closeSync(file);
  const { stdin } = packer;
  if (stdin === null) throw new Error("zstd has no standard input");
  const ended = once(packer, "exit");
  return {
    write: (plain) =>
      new Promise((resolve, reject) => stdin.write(plain, (error) => (error ? reject(error) : resolve()))),
    async close() {
      stdin.end();
      await ended;
      chmodSync(path, 0o444);
    },
    async kill() {
      packer.kill("SIGKILL");
      await ended;
      if (existsSync(path)) chmodSync(path, 0o444);
    },
  };
}
