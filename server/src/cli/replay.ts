import type { EpochMs } from "@mailtide/shared";
import { clockText } from "../core/text/plain.ts";
import { cleanText } from "../core/text/clean.ts";
import { openCapture } from "../replay/capture.ts";
import type { Capture, PlayerProgress } from "../replay/contract.ts";
import { siteOf } from "../replay/site.ts";
import type { ReportDocument } from "../replay/report/index.ts";
import { parserFor } from "../replay-parser.ts";
import { isWorthThread, replayInThread } from "../replay-thread.ts";
import { showProgress } from "./progress.ts";
import type { PageSender } from "./replay-notify.ts";
import { timeline } from "./replay-timeline.ts";
import { checkWritable, writeWhole } from "./write-whole.ts";

export interface ReplayOptions {
  readonly report?: string;
  /** Infinity is as fast as it goes; without one the default of what is asked for. */
  readonly speed?: number;
  readonly serve?: true;
  readonly year?: number;
  readonly tz?: string;
  readonly top?: number;
  readonly until?: EpochMs;
  readonly notify?: string;
}

/** What Mailtide would have said of recorded hours: on the terminal, as a document, in the browser. */
export async function replay(dir: string, options: ReplayOptions, signal: AbortSignal): Promise<number> {
  const { report: file, serve, year, tz: zone, until: untilMs, notify, speed } = options;
  const stated = { ...(year === undefined ? {} : { year }), ...(zone === undefined ? {} : { zone }) };
  const inBrowser = serve === true;
  let exitCode = 0;
  if (!inBrowser || file !== undefined || notify !== undefined) {
    if (file !== undefined) await checkWritable(file);
    const capture = await openCapture(dir, { parserFor, ...stated });
    const pages = notify === undefined ? null : (await import("./replay-notify.ts")).pageSender(notify, signal);
    const document = await play(
      dir,
      capture,
      { ...options, ...(inBrowser ? { speed: Infinity } : {}) },
      signal,
      pages?.send,
    );
    if (file !== undefined) await writeWhole(file, `${JSON.stringify(document, null, 2)}\n`);
    if (!inBrowser) print(document, capture);
    if (file !== undefined) console.log(`The whole report: ${file}`);
    for (const line of pages?.said() ?? []) console.log(line);
    if (pages?.failed === true) exitCode = 1;
  }
  if (!inBrowser || signal.aborted) return exitCode;
  const { replayServe } = await import("./replay-serve.ts");
  return replayServe(
    {
      dir,
      ...stated,
      ...(speed === undefined ? {} : { speed }),
      ...(untilMs === undefined ? {} : { untilMs }),
    },
    signal,
  );
}

async function play(
  dir: string,
  capture: Capture,
  { speed, top, until: untilMs, year, tz: zone }: ReplayOptions,
  signal: AbortSignal,
  notify: PageSender["send"] | undefined,
): Promise<ReportDocument> {
  const { name, fromMs, toMs } = capture.meta;
  const { site } = siteOf(capture.meta);
  const progress = showProgress(`Replaying ${cleanText(name, 40)}`);
  const endMs = Math.min(toMs ?? Infinity, untilMs ?? Infinity);
  const hearing = {
    signal,
    onProgress({ nowMs, achievedSpeed }: PlayerProgress) {
      const share = fromMs === null || endMs === Infinity ? null : (nowMs - fromMs) / (endMs - fromMs);
      progress.at(share, `${clockText(nowMs, site)} × ${Math.round(achievedSpeed).toLocaleString("en")}`);
    },
    ...(notify === undefined ? {} : { notify }),
  };
  const wanted = { speed: speed ?? null, top: top ?? null, untilMs: untilMs ?? null };
  const stated = { dir, year: year ?? null, zone: zone ?? null, notifies: notify !== undefined };
  const playing = (await isWorthThread(dir))
    ? replayInThread({ ...stated, ...wanted }, hearing)
    : (await import("../replay/report/index.ts")).replayReport({
        capture,
        ...hearing,
        ...(speed === undefined ? {} : { speed }),
        ...(top === undefined ? {} : { top }),
        ...(untilMs === undefined ? {} : { untilMs }),
      });
  const document = await playing.catch((error: unknown) => {
    progress.broken();
    throw error;
  });
  progress.done();
  return document;
}

function print(document: ReportDocument, { meta }: Capture): void {
  const { stdout } = process;
  const { site } = siteOf(meta);
  const isColoured = stdout.isTTY && process.env["NO_COLOR"] === undefined;
  for (const line of timeline(document, { ...site, isColoured, simulated: meta.simulated })) console.log(line);
}
