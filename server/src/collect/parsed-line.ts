import type { MailEvent } from "../core/event.ts";
import { attributionOf } from "./attribution.ts";

/** The JSON object that `mailtide parse` prints for one line: instants as ISO 8601 in UTC, keys only when stated. */
export function parsedLine(event: MailEvent): Record<string, unknown> {
  const { event: kind, atMs, repeated, lostLines, ...stated } = event;
  const shown: Record<string, unknown> = {};
  // The widest span that ISO 8601 with four digits of the year can say; a log line cannot state more.
  if (atMs !== undefined && Math.abs(atMs) < 8.64e15) shown["time"] = new Date(atMs).toISOString();
  shown["event"] = kind;
  Object.assign(shown, stated);
  const attribution = attributionOf(event);
  if (attribution !== undefined) shown["attribution"] = attribution;
  if (repeated !== undefined) shown["repeated"] = repeated;
  if (lostLines !== undefined) shown["lostLines"] = lostLines;
  return shown;
}
