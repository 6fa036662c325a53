import type { Millis } from "@mailtide/shared";

/**
 * Waits are counted in bins of 10 ms below a second, 100 ms below ten, one second above: as fine as Postfix logs them
 * (two significant digits, whole seconds from ten), and exact for whole seconds.
 */
export function waitBin(waitMs: Millis): number {
  if (waitMs < 1_000) return waitMs <= 0 ? 0 : Math.floor(waitMs / 10);
  if (waitMs < 10_000) return 90 + Math.floor(waitMs / 100);
  return 180 + Math.floor(waitMs / 1_000);
}

/** The shortest wait in the bin. */
export function binMs(bin: number): Millis {
  if (bin < 100) return bin * 10;
  if (bin < 190) return (bin - 90) * 100;
  return (bin - 180) * 1_000;
}
