import type { z } from "zod";

/** What the schema says against a value, for whoever wrote it; a message of our own stands as it is. */
export function inWords(issue: z.core.$ZodIssue, found: unknown): string {
  if (!/^(?:Invalid|Too |Unrecognized)/.test(issue.message)) return issue.message;
  if (found === undefined) return "is missing";
  if (found === null) return "has no value";
  if (issue.code === "invalid_type") return `must be ${words[issue.expected] ?? issue.expected}, not ${shown(found)}`;
  if (issue.code === "invalid_value") return `must be ${issue.values.map(String).join(" or ")}, not ${shown(found)}`;
  if (issue.code === "too_small") return tooSmall(issue, shown(found));
  if (issue.code === "too_big") return tooBig(issue, shown(found));
  if (issue.code === "invalid_format" && issue.format === "url")
    return `${shown(found)} is not an address such as https://mail.example.org`;
  if (issue.code === "invalid_format" && issue.format === "datetime")
    return `${shown(found)} is not an instant such as 2026-05-11T10:00:00Z`;
  return `${shown(found)} cannot stand here`;
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall, was: string): string {
  if (origin === "array") return `needs ${minimum} or more`;
  if (origin === "string") return "must not be empty";
  return `must be ${inclusive === false ? "more than" : "at least"} ${minimum}, not ${was}`;
}

function tooBig({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig, was: string): string {
  if (origin === "array") return `takes ${maximum} at most`;
  if (origin === "string") return `takes ${maximum} characters at most`;
  return `must be ${inclusive === false ? "less than" : "at most"} ${maximum}, not ${was}`;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list ([a, b], or lines that begin with a dash)",
  object: "keys with values ({ key: value })",
};

function shown(found: unknown): string {
  if (Array.isArray(found)) return "a list";
  if (typeof found === "object") return "keys with values";
  return typeof found === "string" ? `"${found.slice(0, 80)}"` : JSON.stringify(found);
}
