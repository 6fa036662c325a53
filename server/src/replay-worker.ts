import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { EpochMs } from "@mailtide/shared";
import { openCapture } from "./replay/capture.ts";
import { computeFrames, type Computed, type Wanted } from "./replay/frames/compute.ts";
import { parserFor } from "./replay-parser.ts";

/** What the thread is started with. It posts what it computes and waits for a `Wanted` after each. */
export interface ReplayWork {
  readonly dir: string;
  readonly year: number | null;
  readonly zone: string | null;
  readonly untilMs: EpochMs | null;
}

const { dir, year, zone, untilMs } = workerData as ReplayWork;
const port = parentPort;
if (port === null) throw new Error("this module runs as a thread");

async function tell(computed: Computed): Promise<Wanted> {
  const answered = once(port as NonNullable<typeof port>, "message");
  port?.postMessage(computed);
  return ((await answered) as [Wanted])[0];
}

const stated = { ...(year === null ? {} : { year }), ...(zone === null ? {} : { zone }) };
const capture = await openCapture(dir, { parserFor, ...stated });
await computeFrames(capture, untilMs, tell);
