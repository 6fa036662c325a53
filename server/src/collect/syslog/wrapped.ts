import { lineOfJson } from "../journald/json.ts";
import { byteOrderMark } from "./tag.ts";

/**
 * The line that a container's logger (Docker: `{"log": "..."}`), `journalctl -o json`, a syslog daemon's JSON template or
 * a shipper (Elastic Common Schema) wrapped, or one behind the zeros that a crash leaves in a file, or behind the byte order
 * mark that an editor has put there; other lines as they are. Only what begins with a brace is looked at.
 */
export function unwrapped(given: string): string {
  const first = given.charCodeAt(0);
  if (first !== brace && first !== 0 && first !== byteOrderMark) return given;
  const line = first === 0 ? given.slice(pastZeros(given)) : first === brace ? given : given.slice(1);
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

function pastZeros(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === 0) at++;
  return at;
}

/** What stands under the name, or under its parts: `{"host.name": "mx"}`, `{"host": {"name": "mx"}}`. */
function under(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const whole = (value as Record<string, unknown>)[name];
  const dot = name.indexOf(".");
  if (whole !== undefined || dot < 0) return whole;
  return under((value as Record<string, unknown>)[name.slice(0, dot)], name.slice(dot + 1));
}

/** As rsyslog's and syslog-ng's templates, or the Elastic Common Schema, name what they know of a message; undefined without one. */
function lineOfFields(value: Record<string, unknown>): string | undefined {
  const first = (...names: readonly string[]): string => {
    for (const name of names) {
      const said = under(value, name);
      if (typeof said === "number" || (typeof said === "string" && said !== "" && said !== "-")) return String(said);
    }
    return "";
  };
  const message = first("message", "msg", "MESSAGE").replace(/[\r\n]+$/, "");
  if (message === "") return undefined;
  const time = first("@timestamp", "timestamp", "timereported", "time", "date");
  const host = word(
    first("sysloghost", "hostname", "host", "HOST", "log.syslog.hostname", "host.hostname", "host.name"),
  );
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
    "log.syslog.appname",
    "process.name",
  );
  const [, program = "", inTag = ""] = /^([^\s[\]:]{1,128})(?:\[(\d{1,10})\])?:?$/.exec(tag.trim()) ?? [];
  // Without a program the message has a header of its own.
  if (program === "") return [time, message].filter((part) => part !== "").join(" ");
  const pid = inTag === "" ? first("procid", "pid", "PID", "log.syslog.procid", "process.pid") : inTag;
  const process = /^\d{1,10}$/.test(pid) ? `${program}[${pid}]` : program;
  return [time, host, `${process}:`, message.trimStart()].filter((part) => part !== "").join(" ");
}

/** No host may hold what ends a word. */
const word = (text: string): string => text.replace(/[\s:[\]]+/g, "_").slice(0, 255);

const brace = 123;
