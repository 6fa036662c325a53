import { readKeyValues } from "../../key-values.ts";

/** `key=value key="value"` as Haraka writes them: in quotes a backslash stands before a quote, another backslash and what ends a line. */
export function readValues(text: string, most?: number): ReadonlyMap<string, string> {
  const values = readKeyValues(text, most);
  if (!text.includes("\\")) return values;
  return new Map(Array.from(values, ([key, value]) => [key, unescaped(value)]));
}

export function unescaped(value: string): string {
  return value.replaceAll(/\\(["\\rn])/g, (_, letter: string) => ends[letter] ?? letter);
}

const ends: Readonly<Record<string, string | undefined>> = { r: "\r", n: "\n" };
