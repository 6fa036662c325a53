import type { EpochMs, PerSecond } from "@mailtide/shared";
import type { Agenda } from "../agenda.ts";
import type { Random } from "../random.ts";

export interface StreamParts {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly fromMs?: EpochMs;
  /** Nothing comes any more. */
  readonly untilMs?: EpochMs;
  perSecond(atMs: EpochMs): PerSecond;
  arrive(): void;
}

/** The rate is read anew at every boundary of so long. */
const stepMs = 5_000;

/** Independent arrivals at a changing rate; memoryless, so a step without an arrival may be thrown away. */
export function startStream({ agenda, random, fromMs = agenda.nowMs, untilMs = Infinity, ...rest }: StreamParts): void {
  let stepEndMs = -Infinity;
  let rate = 0;
  const next = () => {
    const { nowMs } = agenda;
    if (nowMs >= untilMs) return;
    if (nowMs >= stepEndMs) {
      stepEndMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
      rate = rest.perSecond(nowMs);
    }
    const dueMs = rate > 0 ? nowMs + random.exponential(1000 / rate) : Infinity;
    if (dueMs < stepEndMs) agenda.at(dueMs, arrive);
    else agenda.at(stepEndMs, next);
  };
  const arrive = () => {
    if (agenda.nowMs < untilMs) rest.arrive();
    next();
  };
  agenda.at(fromMs, next);
}
