import { createWorld } from "../world/index.ts";
import { playDay } from "./play-day.ts";
import type { SimulateResult, StreamOptions } from "./simulate-contract.ts";

/**
 * Lets a scenario happen, message by message, in memory that grows with the backlog only. The same options give the same
 * rows in the same order. Rejects when `signal` fires, when the sink refuses, and when a message was lost or made up.
 */
export const streamDay = (options: StreamOptions): Promise<SimulateResult> => playDay(options, createWorld);
