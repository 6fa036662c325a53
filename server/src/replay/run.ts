import type { EpochMs, Seconds } from "@mailtide/shared";
import { SiteCore, type SiteTurn } from "../core/site-core.ts";
import type { Capture, CaptureCounts, PlayerEnd, PlayerProgress, Timers } from "./contract.ts";
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
  /** Each core before its first turn: one, unless the capture is played in pieces. */
  readonly onCore?: (core: SiteCore) => void;
  /** Puts the core aside and takes it up again in a new one this often, as a restart of a server does. Never by default. */
  readonly pieceSeconds?: Seconds;
  readonly onProgress?: (progress: PlayerProgress) => void;
  readonly signal?: AbortSignal;
  readonly timers?: Timers;
  /** True to have the points of every turn, as a store would get them; otherwise none are made. */
  readonly hasPoints?: boolean;
}

/** Plays a capture through the same core as live, without stores: what a turn says is handed out and forgotten. */
export async function runCapture(options: RunOptions): Promise<PlayerEnd> {
  const { capture, onTurn, signal, pieceSeconds = Infinity } = options;
  const config = { ...siteOf(capture.meta), hasPoints: options.hasPoints ?? false };
  const begin = (): SiteCore => {
    const made = new SiteCore(config);
    options.onCore?.(made);
    return made;
  };
  let core = begin();
  let pieceMs = (capture.meta.fromMs ?? 0) + pieceSeconds * 1000;
  const player = createPlayer({
    capture,
    speed: options.speed ?? Infinity,
    ...(options.untilMs === undefined ? {} : { untilMs: options.untilMs }),
    ...(options.counts === undefined ? {} : { counts: options.counts }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.timers === undefined ? {} : { timers: options.timers }),
    async turn(tick) {
      if (tick.nowMs > pieceMs) {
        const saved = core.save();
        core = begin();
        const empty = core.restore(saved);
        if (empty.length > 0) throw new Error(`what was put aside cannot be taken up again: ${empty.join(", ")}`);
        pieceMs += pieceSeconds * 1000;
      }
      await onTurn(core.turn(tick), tick.nowMs, core);
    },
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
