import type { LogLevel } from "../observe/logger.ts";

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** `$MAILTIDE_LOG`, else `info`; a word that is no level is `info` too. */
export function logLevel(): LogLevel {
  return levels.find((level) => level === process.env["MAILTIDE_LOG"]) ?? "info";
}
