import type { Seconds, Share } from "@mailtide/shared";
import { type Counted, wilson } from "./share.ts";

/** `45 s`, `9 min`, `5 h 10 min`. */
export function duration(seconds: Seconds): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const percent = (share: Share): string => `${(share * 100).toFixed(share < 0.0995 && share > 0 ? 1 : 0)} %`;

/** `18/20 (70 to 97 %)`: a share never stands without its interval. */
export function counted({ hits, of }: Counted): string {
  if (of === 0) return "none";
  const { low, high } = wilson({ hits, of });
  return `${hits}/${of} (${Math.round(low * 100)} to ${Math.round(high * 100)} %)`;
}

/**
 * A share of minutes. The minutes of one day hang together, so the interval counts days: as if each were one observation.
 */
export function countedMinutes(minutes: Counted, runs: number): string {
  if (minutes.of === 0) return "none";
  const share = minutes.hits / minutes.of;
  const { low, high } = wilson({ hits: share * runs, of: runs });
  return `${percent(share)} (${Math.round(low * 100)} to ${Math.round(high * 100)} %)`;
}
