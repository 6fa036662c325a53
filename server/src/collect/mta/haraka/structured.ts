import { readKeyValues } from "../../key-values.ts";
import { unescaped } from "./values.ts";

/**
 * A line of `format=logfmt` or `format=json` (Haraka's `config/log.ini`) as the default format has it: `[LEVEL] [UUID] [ORIGIN]
 * message key=value`; undefined for other text.
 */
export function asDefaultFormat(text: string): string | undefined {
  if (text.startsWith('{"level":')) return fromJson(text);
  if (!text.startsWith("level=")) return undefined;
  const head = readKeyValues(text, 4);
  const [uuid, origin, message] = [head.get("uuid"), head.get("origin"), head.get("message")];
  if (uuid === undefined || origin === undefined || message === undefined) return undefined;
  const at = text.indexOf(" message=");
  const rest = text.slice(at + 9);
  // What follows the message are its values, or, where it has none, a word and its values.
  const behind = rest.startsWith('"') ? rest.slice(message.length + 2) : rest.slice(message.length);
  return `[${head.get("level") ?? ""}] [${uuid}] [${origin}] ${unescaped(message).trim()}${behind}`;
}

function fromJson(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { level, uuid, origin, message, ...rest } = value as Record<string, unknown>;
  if (typeof uuid !== "string" || typeof origin !== "string") return undefined;
  const values = Object.entries(rest)
    .map(([key, one]) => [key, addressOr(one)] as const)
    .filter(([, one]) => typeof one === "string" || typeof one === "number")
    .map(([key, one]) => `${key}=${JSON.stringify(one)}`);
  const said = typeof message === "string" ? message.trim() : "";
  return `[${String(level)}] [${uuid}] [${origin}] ${[said, ...values].join(" ").trim()}`;
}

/** The address that a hook was asked about stands there in its parts: `{"original": "<a@b>", "host": "b", "user": "a"}`. */
const addressOr = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "original" in value ? value.original : value;
