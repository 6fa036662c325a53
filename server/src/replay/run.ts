import type { EpochMs } from "@mailtide/shared";
import { SiteCore, type SiteTurn } from "../core/site-core.ts";
import type { Capture, CaptureCounts, PlayerEnd, PlayerProgress } from "./contract.ts";
import { createPlayer } from "./player.ts";
import { siteOf } from "./site.ts";

export interface RunOptions {
  readonly capture: Capture;
  /** Multiple of real time; Infinity by default. */
  readonly speed?: number;
  readonly untilMs?: EpochMs;
  readonly counts?: CaptureCounts;
  /** Every turn in order, each waited for. */
  readonly onTurn: (turn: SiteTurn, nowMs: EpochMs, core: SiteCore) => void | Promise<void>;
  readonly onProgress?: (progress: PlayerProgress) => void;
  readonly signal?: AbortSignal;
}

/** Plays a capture through the same core as live, without stores: what a turn says is handed out and forgotten. */
export async function runCapture(options: RunOptions): Promise<PlayerEnd> {
  const { capture, onTurn, signal } = options;
  const core = new SiteCore(siteOf(capture.meta));
  const player = createPlayer({
    capture,
    speed: options.speed ?? Infinity,
    ...(options.untilMs === undefined ? {} : { untilMs: options.untilMs }),
    ...(options.counts === undefined ? {} : { counts: options.counts }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    turn: async (tick) => onTurn(core.turn(tick), tick.nowMs, core),
  });
  const stop = () => void player.stop();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  else player.play();
  try {
    return await player.done;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
