import type { Millis } from "@mailtide/shared";

/** How often it is looked at whether the machine runs, and how late a look may come on one that is only busy. */
const lookEveryMs = 50;
const mostMs = 250;

let countedMs = 0;
let lookedMs = performance.now();

function look(): void {
  const nowMs = performance.now();
  countedMs += Math.min(nowMs - lookedMs, mostMs);
  lookedMs = nowMs;
}
setInterval(look, lookEveryMs).unref();

/**
 * A clock for bounds on what others do meanwhile: of a stretch in which this process did not run, because the machine stood
 * still or something here held the loop, it counts a quarter of a second only. Whatever did nothing then is not to blame.
 */
export function steadyMs(): Millis {
  look();
  return countedMs;
}
