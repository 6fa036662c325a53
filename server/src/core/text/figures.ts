import type { Seconds, Share } from "@mailtide/shared";

/** A duration as people say it: `0.3 s`, `14 s`, `31 min`, `2 h 35 min`, `3 d 4 h`. Rounded down, so that it never overstates. */
export function durationText(seconds: Seconds): string {
  if (!(seconds > 0)) return "0 s";
  if (seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${Math.floor(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `7287` -> `7,287`; a fraction keeps one digit below ten. */
export function countText(count: number): string {
  if (!Number.isFinite(count)) return "?";
  const rounded = Math.abs(count) < 10 ? Math.round(count * 10) / 10 : Math.round(count);
  return String(rounded).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `0.97` -> `97 %`; a share that is not quite all never says 100 %, one that is not quite nothing never 0 %. */
export function shareText(share: Share): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return percent < 0.1 ? "under 0.1 %" : `${Math.round(percent * 10) / 10} %`;
  return `${share < 1 ? Math.min(99, Math.round(percent)) : Math.round(percent)} %`;
}
