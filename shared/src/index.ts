export * from "./host.ts";
export * from "./ids.ts";
export * from "./live.ts";
export * from "./protocol.ts";
export * from "./replay.ts";
export * from "./sentence.ts";
export * from "./units.ts";
export * from "./vocabulary.ts";
