import { lineOfJson } from "../journald/json.ts";

/**
 * The line that a container's logger (Docker: `{"log": "..."}`), `journalctl -o json` or a syslog daemon's JSON template wrapped;
 * other lines as they are. Only what begins with a brace is looked at.
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
  if (typeof log !== "string") {
    const ofJournal = lineOfJson(Buffer.from(line))?.bytes.toString("utf8");
    return ofJournal ?? lineOfFields(value as Record<string, unknown>) ?? line;
  }
  const text = log.replace(/[\r\n]+$/, "");
  return typeof time === "string" ? `${time} ${text}` : text;
}

/** As rsyslog's and syslog-ng's templates name what they know of a message; undefined without one. */
function lineOfFields(value: Record<string, unknown>): string | undefined {
  const first = (...names: readonly string[]): string => {
    for (const name of names) {
      const said = value[name];
      if (typeof said === "number" || (typeof said === "string" && said !== "" && said !== "-")) return String(said);
    }
    return "";
  };
  const message = first("message", "msg", "MESSAGE").replace(/[\r\n]+$/, "");
  if (message === "") return undefined;
  const time = first("@timestamp", "timestamp", "timereported", "time", "date");
  const host = word(first("sysloghost", "hostname", "host", "HOST"));
  const tag = first(
    "syslogtag",
    "syslog-tag",
    "programname",
    "program",
    "PROGRAM",
    "app-name",
    "appname",
    "ident",
    "tag",
  );
  const [, program = "", inTag = ""] = /^([^\s[\]:]{1,128})(?:\[(\d{1,10})\])?:?$/.exec(tag.trim()) ?? [];
  // Without a program the message has a header of its own.
  if (program === "") return [time, message].filter((part) => part !== "").join(" ");
  const pid = inTag === "" ? first("procid", "pid", "PID") : inTag;
  const process = /^\d{1,10}$/.test(pid) ? `${program}[${pid}]` : program;
  return [time, host, `${process}:`, message.trimStart()].filter((part) => part !== "").join(" ");
}

/** No host may hold what ends a word. */
const word = (text: string): string => text.replace(/[\s:[\]]+/g, "_").slice(0, 255);

const brace = 123;
