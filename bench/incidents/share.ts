import type { Share } from "@mailtide/shared";

/** `hits` of `of`. */
export interface Counted {
  readonly hits: number;
  readonly of: number;
}

/** Wilson's score interval of a share, 95 % by default (Wilson 1927, JASA 22, 209-212). Nothing counted: nothing known, 0 to 1. */
export function wilson({ hits, of }: Counted, z = 1.96): { readonly low: Share; readonly high: Share } {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** The value below which a share of them lies, by linear interpolation; null of none. */
export function quantile(values: readonly number[], share: Share): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) return null;
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

export const sumOf = (parts: readonly Counted[]): Counted => ({
  hits: parts.reduce((sum, { hits }) => sum + hits, 0),
  of: parts.reduce((sum, { of }) => sum + of, 0),
});
