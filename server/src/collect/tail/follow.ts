import type { CollectorId, NodeId, Seconds } from "@mailtide/shared";
import type { MailEvent } from "../../core/event.ts";
import type { Observation } from "../../core/observation.ts";
import type { CollectorContext, PushCollector } from "../collector.ts";
import { parsePosition } from "./position.ts";
import { readProblem } from "./problem.ts";
import { LineSource, type SourceRead } from "./source.ts";

export interface FollowOptions {
  readonly id: CollectorId;
  readonly node: NodeId;
  readonly required: boolean;
  readonly limitSeconds: Seconds;
  readonly path: string;
  readonly from?: "end" | "start";
  readonly lookbackBytes?: number;
  readonly chunkBytes?: number;
  /** How often to look at the end of the file. Default 200 ms. */
  readonly pollMs?: number;
  /** Called once per start; one line after the other. Of any MTA. */
  readonly createParser: (context: CollectorContext) => (line: Buffer) => MailEvent;
}

/**
 * Follows a log file and sends its lines as observations, with the position behind them in the same batch. Looks by
 * itself instead of waiting for file notifications, which network and container file systems do not give.
 */
export function followLog(options: FollowOptions): PushCollector {
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
      running = follow(options, context, ended.signal);
      return Promise.resolve();
    },
    async stop() {
      stop?.();
      await running;
    },
  };
}

async function follow(options: FollowOptions, context: CollectorContext, ended: AbortSignal): Promise<void> {
  const { path, from, lookbackBytes, chunkBytes, pollMs = 200 } = options;
  const source = new LineSource({
    path,
    position: parsePosition(context.position),
    ...(from !== undefined && { from }),
    ...(lookbackBytes !== undefined && { lookbackBytes }),
    ...(chunkBytes !== undefined && { chunkBytes }),
  });
  const parse = options.createParser(context);
  let isNew = true;
  try {
    while (!ended.aborted) {
      let wait = true;
      try {
        const read = await source.read();
        const observations = observationsOf(read, options, context, parse);
        if (observations.length > 0) context.point("after-read");
        // The first position is kept even without a line: else a restart would look back again.
        if ((observations.length > 0 || isNew) && !ended.aborted) {
          await context.sink({ observations, position: read.position });
          isNew = false;
        }
        if (read.atEnd) context.health("ok", null);
        wait = read.atEnd;
      } catch (error) {
        context.health("failing", readProblem(path, error));
      }
      await (wait ? pause(pollMs, ended) : turn());
    }
  } finally {
    await source.close();
  }
}

function observationsOf(
  read: SourceRead,
  { node }: FollowOptions,
  context: CollectorContext,
  parse: (line: Buffer) => MailEvent,
): Observation[] {
  const observations: Observation[] = [];
  const nowMs = context.now();
  if (read.loss !== null) {
    observations.push({ kind: "loss", node, atMs: nowMs, lines: read.loss.lines, because: read.loss.because });
  }
  for (const { bytes, truncated } of read.lines) {
    const event = parse(bytes);
    if (truncated) event.truncated = true;
    const atMs = event.atMs ?? nowMs;
    observations.push({ kind: "log", node, atMs, event });
  }
  return observations;
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      ended.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ended.addEventListener("abort", done);
    if (ended.aborted) done();
  });
}

/** Lets everything else run between two chunks. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
