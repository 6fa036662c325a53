import type { Sentence, TrendSection } from "@mailtide/shared";
import type { Formats } from "../ui/format.ts";
import { sentenceWords } from "../ui/sentence.tsx";
import type { MarkLabel } from "./marks.ts";
import type { TrendModel } from "./trend-model.ts";

/** What is to be written at the marks that the drawing shows, oldest first. */
export function labelsWithin(
  { fromMs, toMs }: TrendModel,
  marks: TrendSection["marks"],
  formats: Formats,
): readonly MarkLabel[] {
  return marks
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .map(({ atMs, kind, label }) => ({ atMs, kind, words: wordsOf(label, formats), time: formats.time(atMs) }));
}

/** The same marks with a number each in place of their words: 1 is the first. */
export const numbered = (labels: readonly MarkLabel[]): readonly MarkLabel[] =>
  labels.map((label, index) => ({ ...label, words: String(index + 1), time: null }));

/** Without the instants: the time of the line stands apart from the words. */
function wordsOf(label: Sentence, formats: Formats): string {
  const parts = label.parts.filter((part) => !("atMs" in part));
  return sentenceWords({ ...label, parts }, formats, 0).trim();
}
