import type { EpochMs, ReplayMark, Seconds } from "@mailtide/shared";

/** What the slider spans; where the end is not known yet, as far as it is computed. */
export interface Span {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly computedToMs: EpochMs;
}

const minuteMs = 60_000;

/** Where a key moves the slider to; null for keys that are not its own. */
export function keyTarget(key: string, positionMs: EpochMs, span: Span): EpochMs | null {
  const targetMs = wantedBy(key, positionMs, span);
  return targetMs === null ? null : within(targetMs, span);
}

function wantedBy(key: string, positionMs: EpochMs, { fromMs, toMs }: Span): EpochMs | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return positionMs + minuteMs;
    case "ArrowLeft":
    case "ArrowDown":
      return positionMs - minuteMs;
    case "PageUp":
      return positionMs + 30 * minuteMs;
    case "PageDown":
      return positionMs - 30 * minuteMs;
    case "Home":
      return fromMs;
    case "End":
      return toMs;
    default:
      return null;
  }
}

/** No further than what is computed. */
export const within = (atMs: EpochMs, { fromMs, computedToMs }: Span): EpochMs =>
  Math.min(Math.max(atMs, fromMs), computedToMs);

/** From 0 at the beginning to 1 at the end. */
export const shareOf = (atMs: EpochMs, { fromMs, toMs }: Span): number =>
  toMs <= fromMs ? 0 : Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));

export interface Neighbours {
  readonly previous: ReplayMark | null;
  readonly next: ReplayMark | null;
}

/** Pressed twice while it plays, "back" goes to the mark before, not to the same one again. */
const graceSeconds: Seconds = 2;

/** The marks before and after a position, among those that can be shown. */
export function neighbours(marks: readonly ReplayMark[], positionMs: EpochMs, speed: number, span: Span): Neighbours {
  const graceMs = graceSeconds * 1000 * Math.max(1, speed);
  const shown = marks.filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.computedToMs);
  return {
    previous: shown.findLast(({ atMs }) => atMs < positionMs - graceMs) ?? null,
    next: shown.find(({ atMs }) => atMs > positionMs) ?? null,
  };
}
