import { resolve } from "node:path";
import type { EpochMs } from "@mailtide/shared";
import { createLogger } from "../observe/logger.ts";
import { openCapture } from "../replay/capture.ts";
import { parserFor } from "../replay-parser.ts";
import { startReplayServer } from "../replay-server.ts";
import { portFromEnvironment } from "./environment.ts";
import { logLevel } from "./log-level.ts";
import { clientFolder } from "./paths.ts";
import { showProgress } from "./progress.ts";
import { runServed } from "./run-app.ts";

export interface ReplayServeOptions {
  readonly dir: string;
  /** Virtual seconds in a real one; Infinity is as fast as a screen can follow. Default 1. */
  readonly speed?: number;
  /** For timestamps that state none, where the capture does not say. */
  readonly year?: number;
  readonly zone?: string;
  /** The last instant to play. */
  readonly untilMs?: EpochMs;
  readonly port?: number;
}

const defaultPort = 4000;

/** A recording in the browser, labelled REPLAY. Rejects with an Error in words when it cannot be opened or the port is taken. */
export async function replayServe(options: ReplayServeOptions, signal: AbortSignal): Promise<number> {
  const { dir, speed = 1, year, zone, untilMs, port = portFromEnvironment() ?? defaultPort } = options;
  const stated = { ...(year === undefined ? {} : { year }), ...(zone === undefined ? {} : { zone }) };
  const capture = await openCapture(dir, { parserFor, ...stated });
  for (const assumption of capture.meta.assumptions) console.log(`Assumed: ${assumption}`);
  const { fromMs, toMs } = capture.meta;
  if (fromMs === null) throw new Error(`${dir}: there is nothing in it to play`);
  if (untilMs !== undefined && untilMs <= fromMs) {
    throw new Error(
      `--until ${new Date(untilMs).toISOString()}: the recording begins at ${new Date(fromMs).toISOString()}`,
    );
  }
  const endMs = Math.min(toMs ?? Infinity, untilMs ?? Infinity);
  const progress = showProgress("Computing the recording");
  const logger = createLogger({ level: logLevel() });
  return runServed(
    {
      mode: "replay",
      logger,
      start: (failed) =>
        startReplayServer({
          capture,
          work: { dir: resolve(dir), year: year ?? null, zone: zone ?? null, untilMs: untilMs ?? null },
          speed: Number.isFinite(speed) ? speed : "max",
          settings: { host: "127.0.0.1", port },
          auth: { tokens: [] },
          clientFolder: clientFolder(),
          logger,
          failed,
          computed(toMs, isDone) {
            if (isDone) progress.done();
            else if (Number.isFinite(endMs)) progress.at((toMs - fromMs) / (endMs - fromMs));
          },
        }),
    },
    signal,
  );
}
