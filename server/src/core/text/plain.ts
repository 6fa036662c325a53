import type { EpochMs, Sentence, SentencePart } from "@mailtide/shared";
import { durationText } from "./figures.ts";

export interface Reader {
  /** IANA zone in which instants are told. */
  readonly timezone: string;
  /** BCP 47, for the order and names of a date. */
  readonly locale: string;
  /** When given, an instant more than 12 hours away is told with its day. */
  readonly nowMs?: EpochMs;
}

/** A sentence as plain text, for pages, mails and reports. Throws a RangeError for a zone or locale that does not exist. */
export function plain(sentence: Sentence, reader: Reader): string {
  return sentence.parts.map((part) => partText(part, reader)).join("");
}

function partText(part: SentencePart, reader: Reader): string {
  if ("text" in part) return part.text;
  if ("strong" in part && typeof part.strong === "string") return part.strong;
  if ("durationSeconds" in part) return durationText(part.durationSeconds);
  return "atMs" in part ? clockText(part.atMs, reader) : "";
}

/** `12:24`, or `Wed 12:24` when it is far from now. */
export function clockText(atMs: EpochMs, { timezone, locale, nowMs }: Reader): string {
  if (!(Math.abs(atMs) <= furthestMs)) return "?";
  const far = nowMs !== undefined && Math.abs(nowMs - atMs) > 12 * 3_600_000;
  return new Intl.DateTimeFormat(locale, {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(far ? { weekday: "short" } : {}),
  }).format(atMs);
}

/** ECMA-262, 21.4.1.1: beyond it no calendar is defined. */
const furthestMs = 8.64e15;
