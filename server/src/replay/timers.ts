import { setImmediate, setTimeout } from "node:timers/promises";
import type { Timers } from "./contract.ts";

export const realTimers: Timers = {
  nowMs: () => performance.now(),
  // A timeout of 0 is at least a millisecond; the next turn of the loop is all that is asked for.
  sleep: (ms) => (ms > 0 ? setTimeout(ms) : setImmediate()),
};
