import type { SourceLine } from "../tail/source.ts";
import { type JournalEntry, journalFields, lineOfEntry } from "./entry.ts";

/** One line of `journalctl -o json`; null when it is none. */
export function lineOfJson(line: Buffer): SourceLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const entry: JournalEntry = {};
  for (const field of journalFields) {
    const text = textOf((value as Record<string, unknown>)[field]);
    if (text !== null) entry[field] = text;
  }
  return lineOfEntry(entry);
}

/** A field that is no UTF-8 is printed as its bytes, one that occurs several times as the list of its values. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const first: unknown = value.every((byte) => Number.isInteger(byte)) ? value : value[0];
  if (typeof first === "string") return first;
  return Array.isArray(first) && first.every((byte) => Number.isInteger(byte))
    ? Buffer.from(first as number[]).toString("utf8")
    : null;
}
