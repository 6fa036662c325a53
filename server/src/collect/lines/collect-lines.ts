import type { CollectorId, EpochMs, NodeId, Seconds } from "@mailtide/shared";
import type { MailEvent } from "../../core/event.ts";
import type { LogObservation, Observation } from "../../core/observation.ts";
import type { CollectorContext, PushCollector } from "../collector.ts";
import { type LinesRead, type LineWay, numberIn, pause } from "./line-way.ts";
import { ZoneWatch } from "./zone-watch.ts";

export interface CollectLinesOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
  readonly way: LineWay;
  /** Its name for people, where lines of it are missing. */
  readonly log: string;
  /** Called once per start; one line after the other. Of any MTA. */
  readonly createParser: (context: CollectorContext) => (line: Buffer) => MailEvent;
}

/** Sends the lines that come by any way as observations, with the position behind them in the same batch. */
export function collectLines(options: CollectLinesOptions): PushCollector {
  let stop: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  return {
    kind: "push",
    id: options.id,
    node: options.node,
    required: options.required,
    limitSeconds: options.limitSeconds,
    start(context) {
      const ended = new AbortController();
      stop = (): void => ended.abort();
      const parse = options.createParser(context);
      const zone = new ZoneWatch();
      let handed = context.position;
      let lastLineMs = numberIn(handed, "lastLineMs");
      const hand = async (read: LinesRead): Promise<void> => {
        const observations = observationsOf(read, lastLineMs, options, context, parse);
        if (observations.length > 0) context.point("after-read");
        const last = observations.at(-1);
        if (last?.kind === "log" && last.event.atMs !== undefined) {
          zone.came(last.atMs, context.now());
          lastLineMs = last.event.atMs;
        }
        if (
          (ended.signal.aborted && read.isOnlyHere !== true) ||
          (observations.length === 0 && read.position === undefined)
        )
          return;
        const position = withLastLine(read.position, lastLineMs);
        await context.sink({ observations, ...(position === undefined ? {} : { position }) });
        handed = position ?? handed;
      };
      const health: CollectorContext["health"] = (state, problem) => {
        if (state === "ok") zone.looked(context.now());
        const wrong = state === "ok" ? zone.problem : null;
        context.health(wrong === null ? state : "failing", wrong ?? problem);
      };
      const run = () => options.way.run(hand, { ...context, position: handed, health }, ended.signal);
      running = untilEnded(run, context, ended.signal);
      return Promise.resolve();
    },
    async stop() {
      stop?.();
      await running;
    },
  };
}

/** What a way did not expect is said, and it is gone on from where it had come; nothing else ends with it. */
async function untilEnded(run: () => Promise<void>, { health }: CollectorContext, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      return await run();
    } catch (error) {
      if (ended.aborted) return;
      health("failing", `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    await pause(againMs, ended);
  }
}

const againMs = 1_000;

/** Kept with the position, so that a gap found after a restart has a beginning. */
function withLastLine(position: unknown, lastLineMs: EpochMs | undefined): unknown {
  return typeof position === "object" && lastLineMs !== undefined ? { ...position, lastLineMs } : position;
}

function observationsOf(
  { lines, loss }: LinesRead,
  lastLineMs: EpochMs | undefined,
  { node, log }: Pick<CollectLinesOptions, "node" | "log">,
  context: CollectorContext,
  parse: (line: Buffer) => MailEvent,
): Observation[] {
  const nowMs = context.now();
  let unread = 0;
  const read = (bytes: Buffer): MailEvent => {
    try {
      return parse(bytes);
    } catch {
      // A mistake of ours costs this line, and none of those that came with it.
      unread += 1;
      return { event: "other" };
    }
  };
  const logged = lines.map(({ bytes, truncated }): LogObservation => {
    const event = read(bytes);
    if (truncated) event.truncated = true;
    return { kind: "log", node, atMs: event.atMs ?? nowMs, event };
  });
  const unreadable: Observation[] =
    unread === 0 ? [] : [{ kind: "loss", node, atMs: nowMs, lines: unread, because: "unreadable" }];
  return [...unreadable, ...withLoss(logged, loss, lastLineMs, { node, log, nowMs })];
}

function withLoss(
  observations: readonly LogObservation[],
  loss: LinesRead["loss"] | undefined,
  lastLineMs: EpochMs | undefined,
  { node, log, nowMs }: Pick<CollectLinesOptions, "node" | "log"> & { readonly nowMs: EpochMs },
): readonly Observation[] {
  if (!loss) return observations;
  const before = observations.slice(0, loss.afterLines ?? 0);
  const behind = observations.slice(before.length);
  const between = gapOf(loss, before.at(-1)?.event.atMs ?? lastLineMs, behind[0]?.atMs ?? nowMs);
  const gap = between === null ? {} : { gap: { ...between, log } };
  return [...before, { kind: "loss", node, atMs: nowMs, lines: loss.lines, because: loss.because, ...gap }, ...behind];
}

/** From the last line before it, or the last look that missed nothing, to the first line behind it; null: it was counted. */
function gapOf(
  { isAtLeast, wholeUntilMs = -Infinity }: NonNullable<LinesRead["loss"]>,
  lastLineMs: EpochMs = -Infinity,
  toMs: EpochMs,
): { readonly fromMs: EpochMs; readonly toMs: EpochMs } | null {
  if (isAtLeast !== true) return null;
  const fromMs = Math.max(lastLineMs, wholeUntilMs);
  return fromMs <= toMs && Number.isFinite(fromMs) ? { fromMs, toMs } : null;
}
