import type { Millis } from "@mailtide/shared";

const firstMs = 1000;
const capMs = 5 * 60_000;

/**
 * How long to wait after the given number of failed attempts: 1 s, doubling to five minutes, with up to a quarter of it
 * taken off so that keys that failed together do not come back together. What the other side asked for is a minimum.
 * `random` gives 0..1.
 */
export function backoffMs(attempts: number, askedSeconds: number | undefined, random: () => number): Millis {
  const grown = Math.min(capMs, firstMs * 2 ** Math.min(20, Math.max(0, attempts - 1)));
  const own = grown * (1 - random() / 4);
  const asked = askedSeconds !== undefined && askedSeconds > 0 ? Math.min(askedSeconds * 1000, 3_600_000) : 0;
  return Math.round(Math.max(own, asked));
}
