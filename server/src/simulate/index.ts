export { simulate } from "./engine/simulate.ts";
export { streamDay } from "./engine/stream-day.ts";
export type {
  SimulateOptions,
  SimulateResult,
  StreamOptions,
  TruthRow,
  TruthSummary,
  Variation,
} from "./engine/simulate-contract.ts";
export type { DaySink } from "./engine/world.ts";
export { cachedDay } from "./cached-day.ts";
export { simulatorVersion } from "./version.ts";
