import type { MailEvent } from "../core/event.ts";
import { attributionOf } from "./attribution.ts";

/** The JSON object that `mailtide parse` prints for one line: instants as ISO 8601 in UTC, keys only when stated. */
export function parsedLine(event: MailEvent): Record<string, unknown> {
  const { event: kind, atMs, repeated, lostLines, ...stated } = event;
  const shown: Record<string, unknown> = {};
  const time = timeOf(atMs);
  if (time !== "") shown["time"] = time;
  shown["event"] = kind;
  for (const [key, value] of Object.entries(stated)) if (value !== undefined) shown[key] = value;
  // Of a delivery by Postfix the model needs no more than the enhanced code.
  const reply = kind === "delivery" && event.code === undefined ? replyCode(event.reason ?? "") : undefined;
  if (reply !== undefined) shown["code"] = reply;
  const attribution = attributionOf(event);
  if (attribution !== undefined) shown["attribution"] = attribution;
  if (repeated !== undefined) shown["repeated"] = repeated;
  if (lostLines !== undefined) shown["lostLines"] = lostLines;
  return shown;
}

/** The text of the same object, to the letter: a printer that knows what it prints takes a third of the time. */
export function printedLine(event: MailEvent): string {
  const time = timeOf(event.atMs);
  let text = time === "" ? `{"event":"${event.event}"` : `{"time":"${time}","event":"${event.event}"`;
  for (const key in event) {
    const value = event[key as keyof MailEvent];
    if (value === undefined || apart.has(key)) continue;
    text += `,"${key}":${printed(value)}`;
  }
  const reply = event.event === "delivery" && event.code === undefined ? replyCode(event.reason ?? "") : undefined;
  if (reply !== undefined) text += `,"code":${reply}`;
  const attribution = attributionOf(event);
  if (attribution !== undefined) text += `,"attribution":"${attribution}"`;
  if (event.repeated !== undefined) text += `,"repeated":${event.repeated}`;
  if (event.lostLines !== undefined) text += `,"lostLines":${event.lostLines}`;
  return `${text}}`;
}

const apart: ReadonlySet<string> = new Set(["event", "atMs", "repeated", "lostLines"]);

function printed(value: string | number | boolean | readonly unknown[]): string {
  if (typeof value === "string") return plain.test(value) ? `"${value}"` : JSON.stringify(value);
  return typeof value === "number" && Number.isFinite(value) ? String(value) : JSON.stringify(value);
}

/** What JSON writes as it is: ASCII without control characters, quotes and backslashes. */
const plain = /^[ !#-[\]-~]*$/;

let lastMs = Number.NaN;
let lastTime = "";

/** Empty when the line stated none. Most lines share the second of the one before. */
function timeOf(atMs: number | undefined): string {
  // The widest span that ISO 8601 with four digits of the year can say; a log line cannot state more.
  if (atMs === undefined || !(Math.abs(atMs) < 8.64e15)) return "";
  if (atMs !== lastMs) {
    lastMs = atMs;
    lastTime = new Date(atMs).toISOString();
  }
  return lastTime;
}

/** `250 2.0.0 Ok`, `host mx[192.0.2.1] said: 550-5.1.1 ...`. */
function replyCode(reason: string): number | undefined {
  const found = /(?:^| said: | refused to talk to me: )([245]\d\d)(?:[ -]|$)/.exec(reason.slice(0, 600));
  return found === null ? undefined : Number(found[1]);
}
