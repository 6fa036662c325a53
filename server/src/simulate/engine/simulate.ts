import { createWorld } from "../world/index.ts";
import type { SimulateOptions, SimulateResult } from "./simulate-contract.ts";
import { writeDay } from "./write-day.ts";

/**
 * Lets a scenario happen and writes it as a capture folder, with the truth beside it. The same options give the same
 * bytes. Rejects when `out` exists, when the disk refuses, and when `signal` fires; what was written until then is
 * removed.
 */
export const simulate = (options: SimulateOptions): Promise<SimulateResult> => writeDay(options, createWorld);
