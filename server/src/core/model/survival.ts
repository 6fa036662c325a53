import type { Seconds, Share } from "@mailtide/shared";
import { binMs } from "./wait-bins.ts";

/**
 * Kaplan-Meier quantiles (JASA 53, 1958) of waits of which some have ended and some go on, both as counts by wait bin. A wait that goes on in
 * the same bin as one that ended outlasts it. `shares` ascend: 0.5 is the median; null where so many have not ended yet.
 */
export function survivalQuantiles(
  ended: ReadonlyMap<number, number>,
  going: ReadonlyMap<number, number>,
  shares: readonly Share[],
): (Seconds | null)[] {
  const found: (Seconds | null)[] = [];
  let atRisk = 0;
  for (const count of ended.values()) atRisk += count;
  for (const count of going.values()) atRisk += count;
  let surviving = 1;
  const ends = [...ended].sort((a, b) => a[0] - b[0]);
  const goings = [...going].sort((a, b) => a[0] - b[0]);
  let next = 0;
  for (const [bin, count] of ends) {
    for (; next < goings.length && (goings[next]?.[0] ?? 0) < bin; next++) atRisk -= goings[next]?.[1] ?? 0;
    surviving *= 1 - count / atRisk;
    atRisk -= count;
    // Halves that are not exact in binary must not miss their quantile.
    while (found.length < shares.length && surviving <= 1 - (shares[found.length] ?? 1) + 1e-9)
      found.push(binMs(bin) / 1_000);
  }
  while (found.length < shares.length) found.push(null);
  return found;
}
