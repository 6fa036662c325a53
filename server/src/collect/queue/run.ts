import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { environment, noProgram } from "../../host/program.ts";
import { LineSplitter } from "../tail/split.ts";
import { type ListingReader, longestLineBytes } from "./listing.ts";
import { createSlicer } from "../../loop/slice.ts";

/**
 * Runs what prints a queue and feeds the reader line by line, in memory that does not grow with the queue and without
 * holding the event loop. Rejects when the program cannot run, fails or is aborted; an aborted one is killed.
 */
export async function runListing(
  command: readonly string[],
  signal: AbortSignal,
  reader: ListingReader,
  { cwd, explain = plainly }: RunOptions = {},
): Promise<void> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd,
    env: environment(),
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

  try {
    await readPieces(child.stdout as AsyncIterable<Buffer>, reader);
  } finally {
    if (child.exitCode === null && child.signalCode === null && signal.aborted) child.kill("SIGKILL");
  }
  reader.end();
  const [code, killed] = await ended.catch((error: unknown) => {
    throw unstarted(error as NodeJS.ErrnoException, program, cwd);
  });
  const problem = code === 0 ? null : explain(complaint.trim() || `ended with ${code ?? killed}`, command);
  if (problem !== null) throw problem;
}

interface RunOptions {
  readonly cwd?: string;
  /** What a program that failed has to say; null where that is no harm. */
  readonly explain?: (complaint: string, command: readonly string[]) => Error | null;
}

/** The system has one code for a program and for a folder that are not there. */
function unstarted(error: NodeJS.ErrnoException, program: string, cwd: string | undefined): Error {
  if (error.syscall?.startsWith("spawn") !== true) return error;
  const { code } = error;
  if (code === "ENOENT" && cwd !== undefined && !existsSync(cwd))
    return new Error(`there is no folder ${cwd}`, { cause: error });
  if (code === "ENOENT") return new Error(noProgram(program), { cause: error });
  return code === "EACCES" ? new Error(`this user may not run ${program}`, { cause: error }) : error;
}

const plainly = (complaint: string, command: readonly string[]): Error =>
  new Error(`${command.join(" ")}: ${complaint}`);

/** Feeds the reader line by line, or what NUL ends, and lets the event loop run in between. */
export async function readPieces(chunks: AsyncIterable<Buffer>, reader: ListingReader): Promise<void> {
  const separated = reader.endsWith === "nul";
  const splitter = new LineSplitter(longestLineBytes, separated ? 0 : undefined);
  const slice = createSlicer();
  const take = (bytes: Buffer): void => {
    const length = !separated && bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    reader.piece(bytes.toString("utf8", 0, length));
  };
  for await (const chunk of chunks) {
    for (const { bytes } of splitter.push(chunk)) {
      take(bytes);
      const pause = slice();
      if (pause !== undefined) await pause;
    }
  }
  const last = splitter.finish();
  if (last !== undefined) take(last.bytes);
}

/** What was read to see what it is, and the rest of it. */
export async function* beginningWith(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

const carriageReturn = 13;
const longestComplaint = 65_536;
