import { readKeyValues } from "../../key-values.ts";

/** `key=value key="value"` as Haraka writes them: in quotes a backslash stands before a quote and before another backslash. */
export function readValues(text: string, most?: number): ReadonlyMap<string, string> {
  const values = readKeyValues(text, most);
  if (!text.includes("\\")) return values;
  return new Map(Array.from(values, ([key, value]) => [key, unescaped(value)]));
}

/** A line end stays `\n`. */
export const unescaped = (value: string): string => value.replaceAll(/\\(["\\])/g, "$1");
