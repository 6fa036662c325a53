import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CaptureMeta } from "./replay/contract.ts";
import type { ReplayReportOptions, ReportDocument } from "./replay/report/index.ts";
import type { ReportAsked, ReportSaid, ReportWork } from "./replay-report-worker.ts";
import { spawnWorker } from "./store/worker/spawn.ts";

/**
 * Most of what a replay makes lives for a minute or two of the recording. With room for that among the young, a quarter of
 * the work is saved: the engine need not carry it over to the old and look for it there. Only a thread can be given it.
 */
export const replayLimits = { maxYoungGenerationSizeMb: 192 };
/** Less is played sooner than a thread starts. */
const worthThreadBytes = 2 * 2 ** 20;

/** Whether there is so much in the folder that a thread pays. */
export async function isWorthThread(dir: string): Promise<boolean> {
  let bytes = 0;
  // What is wrong with a folder says whoever reads it.
  for (const name of await readdir(dir, { recursive: true }).catch(() => []))
    bytes += (await stat(join(dir, name))).size;
  return bytes >= worthThreadBytes;
}

interface Hearing extends Pick<ReplayReportOptions, "signal" | "onProgress" | "notify"> {
  /** What the folder says of itself, before anything else is told. */
  readonly onOpened?: (meta: CaptureMeta) => void;
}

/** `replayReport` of a folder, in a thread of its own. Rejects with what it throws there. */
export async function replayInThread(
  work: ReportWork,
  { signal, onOpened, onProgress, notify }: Hearing,
): Promise<ReportDocument> {
  const worker = spawnWorker(import.meta.url, "replay-report-worker", {
    workerData: work,
    resourceLimits: replayLimits,
  });
  const ask = (asked: ReportAsked): void => worker.postMessage(asked);
  const stop = (): void => ask("stop");
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const reported = new Promise<ReportDocument>((resolve, reject) => {
    worker.on("message", (said: ReportSaid) => {
      if (said.kind === "opened") onOpened?.(said.meta);
      else if (said.kind === "progress") onProgress?.(said.progress);
      else if (said.kind === "done") resolve(said.document);
      else (notify?.(said.effects) ?? Promise.resolve()).then(() => ask("told"), reject);
    });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("the replay ended without a report")));
  });
  try {
    return await reported;
  } finally {
    signal?.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
