import { parentPort, workerData } from "node:worker_threads";
import type { SavedPart } from "../core/part.ts";
import { SiteCore, type SiteCoreConfig } from "../core/site-core.ts";
import { decodeTick } from "./journal.ts";

/** What the thread is started with; then it gets journal rows one by one, and at last "save". */
export interface CheckpointWork {
  readonly config: SiteCoreConfig;
  readonly parts: ReadonlyMap<string, SavedPart>;
}
export type CheckpointRequest = { readonly journal: Uint8Array } | "save";
export type CheckpointAnswer =
  | { readonly taken: number }
  | { readonly parts: ReadonlyMap<string, SavedPart>; readonly nowMs: number };

const { config, parts } = workerData as CheckpointWork;
const core = new SiteCore(config);
core.restore(parts);
let nowMs = 0;
let taken = 0;

parentPort?.on("message", (request: CheckpointRequest) => {
  if (request === "save") {
    parentPort?.postMessage({ parts: core.save(), nowMs } satisfies CheckpointAnswer);
    return;
  }
  const tick = decodeTick(request.journal);
  core.turn(tick);
  nowMs = tick.nowMs;
  parentPort?.postMessage({ taken: ++taken } satisfies CheckpointAnswer);
});
