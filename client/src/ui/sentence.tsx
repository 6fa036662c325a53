import type { EpochMs, Sentence, SentencePart } from "@mailtide/shared";
import { toldDuration } from "./duration.ts";
import type { Formats } from "./format.ts";
import { useFormats } from "./formats-context.tsx";

/** The server's words in the reader's zone, decisive figures strong. Everything is text, whatever it looks like. */
export function SentenceText({ sentence, nowMs }: { readonly sentence: Sentence; readonly nowMs: EpochMs }) {
  const formats = useFormats();
  return sentence.parts.map((part, index) => {
    const words = partText(part, formats, nowMs);
    // A sentence is replaced whole: its pieces have no identity but their place.
    return isStrong(part) ? (
      <strong key={index}>
        <bdi>{words}</bdi>
      </strong>
    ) : (
      <bdi key={index}>{words}</bdi>
    );
  });
}

/** A note that stands alone elsewhere, as a sentence among others: it begins as they do. */
export function begun(sentence: Sentence): Sentence {
  const [first, ...rest] = sentence.parts;
  if (first === undefined || !("text" in first)) return sentence;
  return { ...sentence, parts: [{ text: first.text.charAt(0).toUpperCase() + first.text.slice(1) }, ...rest] };
}

/** The same as plain words, for titles, labels inside drawings and reading aloud. */
export function sentenceWords(sentence: Sentence, formats: Formats, nowMs: EpochMs): string {
  return sentence.parts.map((part) => partText(part, formats, nowMs)).join("");
}

function partText(part: SentencePart, formats: Formats, nowMs: EpochMs): string {
  if ("text" in part) return part.text;
  if ("atMs" in part) return formats.timeNear(part.atMs, nowMs);
  if ("durationSeconds" in part) return toldDuration(part.durationSeconds);
  return part.strong;
}

const isStrong = (part: SentencePart): boolean => "strong" in part;
