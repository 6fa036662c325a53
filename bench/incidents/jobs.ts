import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Seconds, Share } from "@mailtide/shared";
import type { CellPaths } from "./cache.ts";
import type { Cell } from "./cell.ts";
import { removeCapture } from "./play.ts";

export interface ToChild {
  readonly cell: Cell;
  readonly paths: CellPaths;
  readonly keep: boolean;
  readonly digest: string;
}

export type FromChild =
  | { readonly kind: "progress"; readonly stage: "simulate" | "replay"; readonly share: Share }
  | { readonly kind: "done"; readonly lines: number; readonly seconds: Seconds }
  | { readonly kind: "failed"; readonly why: string };

export interface JobsOptions {
  readonly jobs: number;
  readonly signal: AbortSignal;
  onMessage(task: ToChild, message: FromChild): void;
}

/** A backlog of hundreds of thousands of mails is in memory twice: in the simulation and in the product. */
const heapMegabytes = 6144;
const child = fileURLToPath(new URL("./cell-child.ts", import.meta.url));

/** Plays all, some at a time. One that fails leaves the others alone. No other begins after `signal`. */
export async function runJobs(tasks: readonly ToChild[], { jobs, signal, onMessage }: JobsOptions): Promise<void> {
  const waiting = [...tasks];
  const lane = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      if (signal.aborted) return;
      await runOne(task, signal, onMessage);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
}

async function runOne(task: ToChild, signal: AbortSignal, onMessage: JobsOptions["onMessage"]): Promise<void> {
  const process = fork(child, { execArgv: ["--import", "tsx", `--max-old-space-size=${heapMegabytes}`] });
  const stop = () => void process.kill();
  signal.addEventListener("abort", stop, { once: true });
  let told = false;
  process.on("message", (message: FromChild) => {
    told ||= message.kind !== "progress";
    onMessage(task, message);
  });
  process.send(task);
  const end = await ended(process);
  signal.removeEventListener("abort", stop);
  if (end === null && told) return;
  if (!task.keep) await removeCapture(task.paths.capture);
  if (!told && !signal.aborted) onMessage(task, { kind: "failed", why: end ?? "it ended without a word" });
}

/** null: well. */
function ended(process: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    process.once("error", (error) => resolve(error.message));
    process.once("exit", (code, signal) => resolve(code === 0 ? null : `its process ended with ${signal ?? code}`));
  });
}
