import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { EpochMs } from "@mailtide/shared";
import type { Effect } from "./core/alert/signal.ts";
import { openCapture } from "./replay/capture.ts";
import type { CaptureMeta, PlayerProgress } from "./replay/contract.ts";
import { replayReport, type ReportDocument } from "./replay/report/index.ts";
import { parserFor } from "./replay-parser.ts";

/** What the thread is started with. */
export interface ReportWork {
  readonly dir: string;
  readonly year: number | null;
  readonly zone: string | null;
  readonly speed: number | null;
  readonly top: number | null;
  readonly untilMs: EpochMs | null;
  /** Effects are posted, each lot waiting for a `told`. */
  readonly notifies: boolean;
}
export type ReportSaid =
  | { readonly kind: "opened"; readonly meta: CaptureMeta }
  | { readonly kind: "progress"; readonly progress: PlayerProgress }
  | { readonly kind: "effects"; readonly effects: readonly Effect[] }
  | { readonly kind: "done"; readonly document: ReportDocument };
export type ReportAsked = "told" | "stop";

const { dir, year, zone, speed, top, untilMs, notifies } = workerData as ReportWork;
const port = parentPort;
if (port === null) throw new Error("this module runs as a thread");
const say = (said: ReportSaid): void => port.postMessage(said);

const stopping = new AbortController();
port.on("message", (asked: ReportAsked) => {
  if (asked === "stop") stopping.abort();
});

async function notify(effects: readonly Effect[]): Promise<void> {
  const answered = once(port as NonNullable<typeof port>, "message");
  say({ kind: "effects", effects });
  await answered;
}

const stated = { ...(year === null ? {} : { year }), ...(zone === null ? {} : { zone }) };
const capture = await openCapture(dir, { parserFor, ...stated });
say({ kind: "opened", meta: capture.meta });
const document = await replayReport({
  capture,
  signal: stopping.signal,
  onProgress: (progress) => say({ kind: "progress", progress }),
  ...(speed === null ? {} : { speed }),
  ...(top === null ? {} : { top }),
  ...(untilMs === null ? {} : { untilMs }),
  ...(notifies ? { notify } : {}),
});
say({ kind: "done", document });
port.close();
