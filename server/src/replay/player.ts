import type { Player, PlayerEnd, PlayerOptions, PlayerState } from "./contract.ts";
import { type Cursor, createCursor } from "./cursor.ts";
import { createTurnCursor, type TurnCursor } from "./turn-cursor.ts";
import { createPace } from "./pace.ts";
import { createProgress } from "./player-progress.ts";
import { realTimers } from "./timers.ts";

const secondMs = 1_000;
/** Work for so long at most, then let sockets be served. */
const sliceMs = 50;
/** More than this in one second is handed over in several turns of the same instant, so that memory stays bounded. */
const turnLimit = 100_000;

/** Plays a capture on a virtual clock: one turn a virtual second, each waited for. */
export function createPlayer(options: PlayerOptions): Player {
  const { capture, turn, untilMs = Infinity, timers = realTimers } = options;
  const recorded = capture.turns === undefined ? null : createTurnCursor(capture.turns(options.counts));
  const plain = createCursor(capture.batches(options.counts));
  const cursor: Pick<Cursor, "ended" | "close"> = recorded ?? plain;
  const pace = createPace(checked(options.speed));
  const will = { paused: true, stop: false, fastUntilMs: options.fastForwardToMs ?? -Infinity };
  const startMs = Math.floor((capture.meta.fromMs ?? 0) / secondMs) * secondMs;
  let nowMs = startMs;
  let turns = 0;
  let running: Promise<PlayerEnd> | null = null;
  let finalState: PlayerState | null = null;
  let wake: (() => void) | null = null;
  const done = deferred<PlayerEnd>();

  const anchor = () => pace.anchor(timers.nowMs(), nowMs);
  const isFast = () => nowMs < will.fastUntilMs;
  const state = (): PlayerState => {
    if (finalState !== null) return finalState;
    if (running === null) return "ready";
    if (will.paused) return "paused";
    return isFast() ? "fast-forward" : "playing";
  };
  const progress = createProgress(options, () => ({ nowMs, state: state(), realMs: timers.nowMs() }));

  async function playSecond(): Promise<void> {
    nowMs += secondMs;
    if (recorded !== null) return playRecorded(recorded);
    for (;;) {
      const { taken, more } = await plain.takeBefore(nowMs, turnLimit);
      turns++;
      await turn({ nowMs, observations: taken, commands: [], pagesSent: [] });
      if (!more || will.stop) return;
    }
  }

  /** Each turn of this second as it was taken, at its own instant. */
  async function playRecorded(source: TurnCursor): Promise<void> {
    for (let tick = await source.takeThrough(nowMs); tick !== null; tick = await source.takeThrough(nowMs)) {
      turns++;
      await turn(tick);
      if (will.stop) return;
    }
  }

  async function playSlice(): Promise<"go on" | "ended"> {
    const sliceStartMs = timers.nowMs();
    while (!will.stop && !will.paused && timers.nowMs() - sliceStartMs < sliceMs) {
      const wasFast = isFast();
      if (!wasFast && nowMs + secondMs > pace.dueMs(timers.nowMs())) break;
      if (nowMs + secondMs > untilMs || (await cursor.ended())) return "ended";
      await playSecond();
      if (wasFast) anchor();
    }
    pace.forgive(timers.nowMs(), nowMs);
    return "go on";
  }

  async function playOn(): Promise<void> {
    while (!will.stop) {
      if (will.paused) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        anchor();
        continue;
      }
      const sliceStartMs = timers.nowMs();
      if ((await playSlice()) === "ended") return;
      progress(false);
      const full = isFast() || pace.speed === Infinity;
      await timers.sleep(full ? 0 : Math.max(0, sliceMs - (timers.nowMs() - sliceStartMs)));
    }
  }

  async function run(): Promise<PlayerEnd> {
    anchor();
    try {
      await playOn();
      finalState = will.stop ? "stopped" : "ended";
      return { why: finalState, nowMs, turns };
    } finally {
      finalState ??= "stopped";
      await cursor.close();
      progress(true);
    }
  }

  return {
    clock: {
      now: () => nowMs,
      get speed() {
        return isFast() ? Infinity : pace.speed;
      },
    },
    get state() {
      return state();
    },
    play() {
      if (will.stop) return;
      will.paused = false;
      wake?.();
      if (running !== null) return;
      running = run();
      done.settle(running);
    },
    pause() {
      will.paused = true;
    },
    setSpeed(speed) {
      pace.speed = checked(speed);
      anchor();
    },
    fastForwardTo(instant) {
      will.fastUntilMs = instant;
    },
    done: done.promise,
    async stop() {
      will.stop = true;
      wake?.();
      if (running === null) {
        finalState = "stopped";
        running = cursor.close().then(() => ({ why: "stopped", nowMs, turns }));
        done.settle(running);
      }
      // What `turn` threw is told by `done`.
      await running.catch(() => undefined);
    },
  };
}

function checked(speed: number): number {
  if (!(speed > 0)) throw new Error(`a speed must be above 0, not ${speed}`);
  return speed;
}

function deferred<T>() {
  let settle: (value: Promise<T>) => void = ignore;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  // Whoever does not care for the end need not be told of it; `promise` itself still rejects.
  promise.catch(ignore);
  return { promise, settle };
}

const ignore = (): void => undefined;
