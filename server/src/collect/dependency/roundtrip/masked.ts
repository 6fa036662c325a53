import { cleanText } from "../../../core/text/clean.ts";

/** Answers may hold addresses and whatever else a far side chose: they go to screens and pages. */
export function masked(text: string): string {
  return cleanText(text.replace(/[^\s<>@]+@[^\s<>@]+/g, "(address)"), longestWords);
}
const longestWords = 160;
