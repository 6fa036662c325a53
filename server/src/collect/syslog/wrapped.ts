import { lineOfJson } from "../journald/json.ts";

/**
 * The line that a container's logger (Docker: `{"log": "..."}`) or `journalctl -o json` wrapped in JSON; other lines as they
 * are. Only what begins with a brace is looked at.
 */
export function unwrapped(line: string): string {
  if (line.charCodeAt(0) !== brace) return line;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line;
  }
  const { log, time } = value as { log?: unknown; time?: unknown };
  if (typeof log !== "string") return lineOfJson(Buffer.from(line))?.bytes.toString("utf8") ?? line;
  const text = log.replace(/[\r\n]+$/, "");
  return typeof time === "string" ? `${time} ${text}` : text;
}

const brace = 123;
