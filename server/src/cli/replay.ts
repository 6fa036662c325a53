import type { EpochMs } from "@mailtide/shared";
import { clockText } from "../core/text/plain.ts";
import { cleanText } from "../core/text/clean.ts";
import type { CaptureMeta, PlayerProgress } from "../replay/contract.ts";
import type { SiteCoreConfig } from "../core/site-core.ts";
import { siteOf } from "../replay/site.ts";
import type { ReportDocument } from "../replay/report/index.ts";
import { isWorthThread, replayInThread } from "../replay-thread.ts";
import { type Progress, showProgress } from "./progress.ts";
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
    const pages = notify === undefined ? null : (await import("./replay-notify.ts")).pageSender(notify, signal);
    const asked = { ...options, ...(inBrowser ? { speed: Infinity } : {}) };
    const { document, meta } = await play(dir, asked, signal, pages?.send);
    if (file !== undefined) await writeWhole(file, `${JSON.stringify(document, null, 2)}\n`);
    if (!inBrowser) print(document, meta);
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

interface Played {
  readonly document: ReportDocument;
  readonly meta: CaptureMeta;
}

/** In a thread, when there is much of it: then this one need not load what reads a recording. */
async function play(
  dir: string,
  { speed, top, until: untilMs, year, tz: zone }: ReplayOptions,
  signal: AbortSignal,
  notify: PageSender["send"] | undefined,
): Promise<Played> {
  const shown = new Shown(untilMs ?? Infinity);
  const hearing = {
    signal,
    onProgress: (progress: PlayerProgress) => shown.at(progress),
    ...(notify === undefined ? {} : { notify }),
  };
  try {
    if (await isWorthThread(dir)) {
      const stated = { dir, year: year ?? null, zone: zone ?? null, notifies: notify !== undefined };
      const wanted = { speed: speed ?? null, top: top ?? null, untilMs: untilMs ?? null };
      const onOpened = (meta: CaptureMeta): void => shown.begin(meta);
      const document = await replayInThread({ ...stated, ...wanted }, { ...hearing, onOpened });
      return { document, meta: shown.end() };
    }
    const [{ openCapture }, { parserFor }, { replayReport }] = await Promise.all([
      import("../replay/capture.ts"),
      import("../replay-parser.ts"),
      import("../replay/report/index.ts"),
    ]);
    const stated = { ...(year === undefined ? {} : { year }), ...(zone === undefined ? {} : { zone }) };
    const capture = await openCapture(dir, { parserFor, ...stated });
    shown.begin(capture.meta);
    const document = await replayReport({
      capture,
      ...hearing,
      ...(speed === undefined ? {} : { speed }),
      ...(top === undefined ? {} : { top }),
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    return { document, meta: shown.end() };
  } catch (error) {
    shown.broken();
    throw error;
  }
}

/** The bar, from when it is known what is played. */
class Shown {
  readonly #untilMs: EpochMs;
  #opened: { readonly meta: CaptureMeta; readonly bar: Progress; readonly site: SiteCoreConfig["site"] } | null = null;

  constructor(untilMs: EpochMs) {
    this.#untilMs = untilMs;
  }

  begin(meta: CaptureMeta): void {
    this.#opened = { meta, bar: showProgress(`Replaying ${cleanText(meta.name, 40)}`), site: siteOf(meta).site };
  }

  at({ nowMs, achievedSpeed }: PlayerProgress): void {
    if (this.#opened === null) return;
    const { meta, bar, site } = this.#opened;
    const endMs = Math.min(meta.toMs ?? Infinity, this.#untilMs);
    const share = meta.fromMs === null || endMs === Infinity ? null : (nowMs - meta.fromMs) / (endMs - meta.fromMs);
    bar.at(share, `${clockText(nowMs, site)} × ${Math.round(achievedSpeed).toLocaleString("en")}`);
  }

  end(): CaptureMeta {
    if (this.#opened === null) throw new Error("a report came before the recording was opened");
    this.#opened.bar.done();
    return this.#opened.meta;
  }

  broken(): void {
    this.#opened?.bar.broken();
  }
}

function print(document: ReportDocument, meta: CaptureMeta): void {
  const { stdout } = process;
  const { site } = siteOf(meta);
  const isColoured = stdout.isTTY && process.env["NO_COLOR"] === undefined;
  for (const line of timeline(document, { ...site, isColoured, simulated: meta.simulated })) console.log(line);
}
