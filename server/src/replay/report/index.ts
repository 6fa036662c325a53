import type { EpochMs, Seconds } from "@mailtide/shared";
import type { Effect } from "../../core/alert/signal.ts";
import { version } from "../../version.ts";
import { emptyCounts } from "../capture.ts";
import type { Capture, CaptureCounts, PlayerProgress, Timers } from "../contract.ts";
import { runCapture } from "../run.ts";
import { siteOf } from "../site.ts";
import { delayRow, type Measured, unknownRow } from "./delay-row.ts";
import { IncidentBook } from "./incidents.ts";
import { iso } from "./instant.ts";
import type { ReportDelayRow, ReportDocument } from "./schema.ts";
import { SourceBook } from "./source-book.ts";

export type { ReportAlert, ReportDelayRow, ReportDocument, ReportIncident } from "./schema.ts";

export interface ReplayReportOptions {
  readonly capture: Capture;
  /** Sources that are named; 20 by default. */
  readonly top?: number;
  readonly untilMs?: EpochMs;
  /** Multiple of real time; Infinity by default. The report is the same at any speed. */
  readonly speed?: number;
  /** Played in pieces of this length, each begun from what the one before put aside; the report is the same. */
  readonly pieceSeconds?: Seconds;
  readonly onProgress?: (progress: PlayerProgress) => void;
  readonly signal?: AbortSignal;
  /** What would have been told outside, in order and waited for. */
  readonly notify?: (effects: readonly Effect[]) => Promise<void>;
  readonly timers?: Timers;
}

const minuteMs = 60_000;

/**
 * Plays a recording through the live core and writes down what it would have said and when. Rejects with an Error in words when
 * there is nothing to play, or when it was stopped.
 */
export async function replayReport(options: ReplayReportOptions): Promise<ReportDocument> {
  const { capture, top = 20, notify, signal, pieceSeconds, untilMs, timers } = options;
  const counts = emptyCounts(untilMs);
  const startedMs = performance.now();
  const { meta } = capture;
  if (meta.fromMs === null) throw new Error(`${meta.name}: there is nothing in it to play`);
  const fromMs = Math.max(meta.recorded?.reportFromMs ?? 0, meta.fromMs);
  if (untilMs !== undefined && untilMs <= fromMs)
    throw new Error(`nothing is left of ${meta.name} until ${iso(untilMs)}: it begins at ${iso(fromMs)}`);

  const { site } = siteOf(meta);
  const book = new IncidentBook(site);
  // A log tells whole seconds: the first of what is told may bear a time before it.
  const sources = new SourceBook(fromMs > meta.fromMs ? fromMs : -Infinity);
  const minutes = new Minutes(fromMs, site.id);
  let lost = 0;
  let blocklist = noList;
  const end = await runCapture({
    capture,
    counts,
    onCore: (core) => void (core.onSourceFact = sources.note),
    async onTurn(turn, nowMs, core) {
      lost += turn.lostLines;
      book.note(core.incidents(), nowMs);
      if (minutes.isDue(nowMs)) minutes.add(turn.sections, nowMs);
      blocklist = () => core.blocklist(nowMs);
      if (turn.effects.length > 0) await notify?.(turn.effects);
    },
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    ...(pieceSeconds === undefined ? {} : { pieceSeconds }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(signal === undefined ? {} : { signal }),
    ...(timers === undefined ? {} : { timers }),
  });
  if (end.why === "stopped") throw new Error("stopped before the end");

  return {
    version: 1,
    run: { program: `mailtide ${version}`, elapsedSeconds: Math.round(performance.now() - startedMs) / 1000 },
    capture: meta.name,
    from: iso(fromMs),
    to: iso(Math.max(fromMs, end.nowMs)),
    lines: counts.lines,
    unparsed: counts.unparsed,
    lost,
    assumptions: [...meta.assumptions, ...limits(counts, sources.dropped, book.dropped)],
    ...book.report(fromMs),
    delay: minutes.rows,
    sources: sources.report(top),
    blocklist: blocklist(),
  };
}

const noList = (): string[] => [];

/** What was read, but not taken as it stands. */
function limits({ late, problems }: CaptureCounts, droppedFacts: number, droppedAlerts: number): string[] {
  const texts: string[] = [];
  if (late > 0) texts.push(`${late} lines came more than 2 s after younger ones of their file and count as of then`);
  for (const problem of problems.slice(0, 5)) texts.push(`not read: ${problem}`);
  if (droppedFacts > 0)
    texts.push(
      `${droppedFacts} facts about sources over the bound are not counted by source: distinct is a lower bound`,
    );
  if (droppedAlerts > 0) texts.push(`${droppedAlerts} alerts found no room in their incident`);
  return texts;
}

/** One row a minute, of the first turn that is not before it: a recorded server's turns stand beside the whole seconds. */
class Minutes {
  readonly rows: ReportDelayRow[] = [];
  readonly #site: string;
  #nextMs: EpochMs;

  constructor(fromMs: EpochMs, site: string) {
    this.#site = site;
    this.#nextMs = Math.ceil(fromMs / minuteMs) * minuteMs;
  }

  isDue(nowMs: EpochMs): boolean {
    return nowMs >= this.#nextMs;
  }

  add(sections: Measured, nowMs: EpochMs): void {
    const newestMs = Math.floor(nowMs / minuteMs) * minuteMs;
    if (newestMs - this.#nextMs > longestGapMs)
      throw new Error(`nothing from ${iso(this.#nextMs)} to ${iso(nowMs)}: one of these times cannot be right`);
    for (; this.#nextMs < newestMs; this.#nextMs += minuteMs) this.rows.push(unknownRow(this.#nextMs, this.#site));
    this.rows.push(delayRow(newestMs, this.#site, sections));
    this.#nextMs += minuteMs;
  }
}

/** A clock that leaps must not fill the memory with minutes. */
const longestGapMs = 366 * 86_400_000;
