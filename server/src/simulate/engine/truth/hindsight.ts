import type { EpochMs, Millis } from "@mailtide/shared";
import type { Minute } from "./units.ts";
import { medianMs } from "./wait-counts.ts";

/** What can only be said when the future is known: how long those really waited that were accepted then. */
export interface Hindsight {
  /** At the end of every minute. */
  minuteEnded(nowMs: EpochMs, minute: Minute | undefined, known: (found: Found) => void): void;
  /** The day is over: what waits on us now is waiting for ever. */
  end(): void;
}
export interface Found {
  readonly typicalMs: Millis | null;
  readonly expectedMs: Millis | null;
}

/** Mail that waits on others for longer than this is left out: it waited next to nothing on us. */
const patienceMs: Millis = 24 * 3_600_000;
const minutesOfTypical = 15;

interface Open {
  readonly atMs: EpochMs;
  readonly minutes: readonly Minute[];
  readonly known: (found: Found) => void;
}

export function createHindsight(): Hindsight {
  const recent: Minute[] = [];
  let open: Open[] = [];

  const tell = ({ minutes, atMs, known }: Open) => {
    const last = minutes.filter(({ startMs }) => startMs >= atMs - 60_000);
    known({ typicalMs: medianOf(minutes), expectedMs: last.length === 0 ? null : medianOf(last) });
    // Rows are told in order of time, so nobody asks for the first of these minutes again.
    const [first] = minutes;
    if (first !== undefined && first.startMs <= atMs - minutesOfTypical * 60_000) first.ended = null;
  };

  return {
    minuteEnded(nowMs, minute, known) {
      if (minute !== undefined && minute.startMs === nowMs - 60_000) recent.push(minute);
      while (recent[0] !== undefined && recent[0].startMs < nowMs - minutesOfTypical * 60_000) recent.shift();
      open.push({ atMs: nowMs, minutes: [...recent], known });
      let told = 0;
      for (const one of open) {
        const settled = nowMs > one.atMs + patienceMs || one.minutes.every(({ waiting }) => waiting.size === 0);
        if (!settled) break;
        tell(one);
        told++;
      }
      open = told === 0 ? open : open.slice(told);
    },
    end() {
      for (const one of open) tell(one);
      open = [];
    },
  };
}

const medianOf = (minutes: readonly Minute[]): Millis | null =>
  medianMs(
    minutes.map(({ ended }) => ended ?? new Map<number, number>()),
    waitingOnUs(minutes),
  );

function waitingOnUs(minutes: readonly Minute[]): number {
  let own = 0;
  for (const { waiting } of minutes) for (const unit of waiting) if (unit.remoteSinceMs === null) own++;
  return own;
}
