import type { EpochMs, Millis } from "@mailtide/shared";

/** Says up to which virtual instant may be played at a real one. */
export interface Pace {
  /** Infinity: as fast as it goes. */
  speed: number;
  /** From here on: the virtual instant is played now. */
  anchor(realMs: Millis, virtualMs: EpochMs): void;
  dueMs(realMs: Millis): EpochMs;
  /** When the pipeline cannot follow, time stretches: what was missed is not made up for in a rush. */
  forgive(realMs: Millis, virtualMs: EpochMs): void;
}

/** A real second behind is a stumble; more is a machine that slept or a pipeline that is too slow. */
const toleranceMs = 1_000;

export function createPace(speed: number): Pace {
  let real = 0;
  let virtual = 0;
  const pace: Pace = {
    speed,
    anchor(realMs, virtualMs) {
      real = realMs;
      virtual = virtualMs;
    },
    dueMs: (realMs) => (pace.speed === Infinity ? Infinity : virtual + (realMs - real) * pace.speed),
    forgive(realMs, virtualMs) {
      if (pace.dueMs(realMs) - virtualMs > toleranceMs * pace.speed + 1_000) pace.anchor(realMs, virtualMs);
    },
  };
  return pace;
}
