import type { Seconds } from "@mailtide/shared";

/** One figure with its unit, so that a headline can set them in two sizes. */
export interface DurationPart {
  readonly value: string;
  readonly unit: "ms" | "s" | "min" | "h" | "d";
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A duration as people say it, cut and not rounded, at most two units: 12 s, 4 min 05 s, 14 min, 2 h 35 min, 3 d 04 h.
 * The second figure has two digits, so that a running number keeps its width.
 */
export function durationParts(seconds: Seconds): readonly DurationPart[] {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return [{ value: String(whole), unit: "s" }];
  if (whole < 10 * minute) return two(whole, minute, "min", 1, "s");
  if (whole < hour) return [{ value: String(Math.floor(whole / minute)), unit: "min" }];
  if (whole < 2 * day) return two(whole, hour, "h", minute, "min");
  return two(whole, day, "d", hour, "h");
}

/** The same in running text, where "5 min 00 s" is said as "5 min". */
export const duration = (seconds: Seconds): string =>
  join(durationParts(seconds).filter(({ value }, index) => index === 0 || value !== "00"));

/** Waits of ordinary mail: a tenth is worth showing under ten seconds, and under one second nothing more than that. */
export function shortDuration(seconds: Seconds): string {
  if (seconds > 0 && seconds < 1) return "under\u00a01\u00a0s";
  return seconds > 0 && seconds < 9.95 ? `${seconds.toFixed(1)}\u00a0s` : duration(seconds);
}

/** In a sentence, which tells of waits and of latencies: what is usual may be some milliseconds, and "0 s" would be no word for it. */
export const toldDuration = (seconds: Seconds): string =>
  seconds > 0 && seconds < 9.95 ? latency(seconds) : duration(seconds);

/** Latencies: 0 ms, 0.4 ms, 9 ms, 410 ms, 1.2 s, 12 s, then as durations. */
function latencyParts(seconds: Seconds): readonly DurationPart[] {
  const milliseconds = Math.max(0, seconds) * 1000;
  if (milliseconds >= 0.05 && milliseconds < 0.95) return [{ value: milliseconds.toFixed(1), unit: "ms" }];
  if (milliseconds < 999.5) return [{ value: milliseconds.toFixed(0), unit: "ms" }];
  if (seconds < 9.95) return [{ value: seconds.toFixed(1), unit: "s" }];
  return durationParts(seconds);
}

export const latency = (seconds: Seconds): string => join(latencyParts(seconds));

/** No line ends within a duration: "47" alone at its end would be read as another figure. */
const join = (parts: readonly DurationPart[]): string =>
  parts.map(({ value, unit }) => `${value}\u00a0${unit}`).join("\u00a0");

function two(
  seconds: number,
  bigSeconds: number,
  big: DurationPart["unit"],
  smallSeconds: number,
  small: DurationPart["unit"],
): readonly DurationPart[] {
  const rest = Math.floor((seconds % bigSeconds) / smallSeconds);
  return [
    { value: String(Math.floor(seconds / bigSeconds)), unit: big },
    { value: String(rest).padStart(2, "0"), unit: small },
  ];
}
