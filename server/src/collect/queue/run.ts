import { spawn } from "node:child_process";
import { once } from "node:events";
import { LineSplitter } from "../tail/split.ts";
import type { ListingReader } from "./listing.ts";
import { createSlicer } from "./slice.ts";

/**
 * Runs what prints a queue and feeds the reader line by line, in memory that does not grow with the queue and without
 * holding the event loop. Rejects when the program cannot run, fails or is aborted; an aborted one is killed.
 */
export async function runListing(
  command: readonly string[],
  signal: AbortSignal,
  reader: ListingReader,
): Promise<void> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    // Ordinary users often have no sbin in their path.
    env: { ...process.env, LC_ALL: "C", PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` },
    signal,
    killSignal: "SIGKILL",
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-longestComplaint);
  });
  const ended = once(child, "close") as Promise<[code: number | null, ended: NodeJS.Signals | null]>;
  // Awaited only after the output has been read; a program that cannot start fails before that.
  ended.catch(() => undefined);

  const splitter = new LineSplitter(longestLineBytes);
  const slice = createSlicer();
  const takeLine = (bytes: Buffer): void => reader.piece(bytes.toString("utf8").replace(/\r$/, ""));
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (const { bytes } of splitter.push(chunk)) {
        takeLine(bytes);
        const pause = slice();
        if (pause !== undefined) await pause;
      }
    }
  } finally {
    if (child.exitCode === null && child.signalCode === null && signal.aborted) child.kill("SIGKILL");
  }
  const last = splitter.finish();
  if (last !== undefined) takeLine(last.bytes);
  reader.end();
  const [code, killed] = await ended;
  if (code !== 0) throw new Error(`${command.join(" ")}: ${complaint.trim() || `ended with ${code ?? killed}`}`);
}

/** A line may name all recipients of a message: some ten thousand fit. */
const longestLineBytes = 4 * 1024 * 1024;
const longestComplaint = 2_000;
