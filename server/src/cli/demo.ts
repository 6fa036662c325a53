import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../config/read.ts";
import type { Config } from "../config/schema.ts";
import { createLogger } from "../observe/logger.ts";
import { openCapture } from "../replay/capture.ts";
import type { Capture } from "../replay/contract.ts";
import { createPlayer } from "../replay/player.ts";
import type { Playback } from "../playback.ts";
import { parserFor } from "../replay-parser.ts";
import { cachedDay } from "../simulate/index.ts";
import { readScenario } from "../simulate/scenario/read.ts";
import { atRate } from "../simulate/scenario/vary.ts";
import { fromEnvironment, portFromEnvironment } from "./environment.ts";
import { logLevel } from "./log-level.ts";
import { clientFolder, shippedScenario } from "./paths.ts";
import { showProgress, withProgress } from "./progress.ts";
import { runApp } from "./run-app.ts";

export interface DemoOptions {
  readonly port?: number;
  readonly speed: number;
  /** Local time of the day up to which it plays fast. */
  readonly from: string;
}

const folder = ".mailtide-demo";
const fastForwardSpeed = 60;
/** The day for which Mailtide was made, small: about a million lines, made in some ten seconds. */
const day = { id: "synaq-2016-05-11", rate: 1.5, seed: 20160511 };
/** Long enough before the flood for a calm morning on the chart. */
const morning = "2016-05-11T08:00";

/** The origin day through the same pipeline as live, on a virtual clock, labelled SIMULATED. No notifier is ever made. */
export async function demo({ port, speed, from }: DemoOptions, signal: AbortSignal): Promise<number> {
  const root = fromEnvironment("MAILTIDE_DEMO_STATE") ?? folder;
  const scenario = { ...atRate(await readScenario(shippedScenario(day.id)), day.rate), from: morning };
  const dir = await withProgress("Making the simulated day", (making) =>
    cachedDay({
      folder: join(root, "captures"),
      scenario,
      seed: day.seed,
      signal,
      onProgress: ({ share }) => making.at(share),
    }),
  );
  const capture = await openCapture(dir, { parserFor });
  const stateFolder = join(root, "state");
  clear(stateFolder);
  return runApp(
    {
      config: demoConfig(capture, port),
      mode: "simulated",
      stateFolder,
      clientFolder: clientFolder(),
      logger: createLogger({ level: logLevel() }),
      playback: playbackOf(capture, speed, from),
    },
    signal,
  );
}

/** What another user has played here stays his. */
function clear(stateFolder: string): void {
  try {
    rmSync(stateFolder, { recursive: true, force: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`${stateFolder} cannot be cleared: ${message}; name another folder by $MAILTIDE_DEMO_STATE`, {
      cause,
    });
  }
}

function playbackOf(capture: Capture, speed: number, from: string): Playback {
  let player: ReturnType<typeof createPlayer> | null = null;
  const progress = showProgress("Playing up to " + from);
  const until = localTime(capture, from);
  return {
    dependencies: capture.meta.dependencies,
    hosts: capture.meta.nodes.map(({ id, mta }) => ({ node: id, mta })),
    pace() {
      if (player?.state === "fast-forward" && until !== null)
        return { speed: fastForwardSpeed, fastForwardToMs: until };
      // As fast as it goes is no number; a screen wants one.
      return { speed: player !== null && Number.isFinite(player.clock.speed) ? player.clock.speed : fastForwardSpeed };
    },
    start(turn) {
      player = createPlayer({
        capture,
        turn,
        speed,
        ...(until === null ? {} : { fastForwardToMs: until }),
        onProgress: ({ nowMs, state }) => {
          const { fromMs } = capture.meta;
          if (state !== "fast-forward" || fromMs === null || until === null) progress.done();
          else progress.at((nowMs - fromMs) / (until - fromMs));
        },
      });
      player.done.catch((error: unknown) =>
        console.error(`mailtide: the recording could not be played: ${String(error)}`),
      );
      player.play();
    },
    stop: async () => {
      progress.done();
      await player?.stop();
    },
  };
}

/** An instant of the capture's first day by its own clock. */
function localTime({ meta }: Capture, time: string): number | null {
  const match = /^(\d\d):(\d\d)$/.exec(time);
  if (match === null) throw new Error(`--from ${time}: a time of the day such as 11:30`);
  if (meta.fromMs === null) return null;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: meta.timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const [hour = "0", minute = "0"] = clock.format(meta.fromMs).split(":");
  const minutes = Number(match[1]) * 60 + Number(match[2]) - Number(hour) * 60 - Number(minute);
  return minutes <= 0 ? null : meta.fromMs + minutes * 60_000;
}

function demoConfig({ meta }: Capture, port: number | undefined): Config {
  const nodes = meta.nodes.map(({ id, ownHops, ownDomains }) => ({
    id,
    ownDomains,
    ...(ownHops.length === 0 ? {} : { ownHops }),
  }));
  const document = {
    version: 1,
    site: { id: "demo", name: "Example Mail", timezone: meta.timezone },
    server: { port: port ?? portFromEnvironment() ?? 4000 },
    nodes,
  };
  return parseConfig(JSON.stringify(document), "the demo");
}
