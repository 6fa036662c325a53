import type { EpochMs, TrendMark } from "@mailtide/shared";

export interface MarkLabel {
  readonly atMs: EpochMs;
  readonly kind: TrendMark["kind"] | "now";
  readonly words: string;
}

export interface PlacedMark extends MarkLabel {
  /** Line of labels, 0 on top. */
  readonly row: number;
  /** On which side of its line the label stands. */
  readonly side: "left" | "right";
  readonly widthPx: number;
}

export interface MarkRoom {
  readonly x: (atMs: EpochMs) => number;
  readonly leftPx: number;
  readonly rightPx: number;
  readonly characterPx: number;
  readonly rows: number;
}

const longestWords = 26;

/**
 * Finds room for every label beside its line: first the newest, each in the first row and on the first side where it
 * covers no other label. What finds no room keeps its line and loses its words.
 */
export function placeMarks(marks: readonly MarkLabel[], room: MarkRoom): readonly PlacedMark[] {
  const taken: { readonly row: number; readonly from: number; readonly to: number }[] = [];
  return marks
    .toSorted((a, b) => Number(b.kind === "now") - Number(a.kind === "now") || b.atMs - a.atMs)
    .map((mark) => {
      const words = shorten(mark.words);
      const widthPx = words.length * room.characterPx + room.characterPx * 2;
      for (let row = 0; row < room.rows; row++) {
        for (const side of mark.kind === "now" ? (["right", "left"] as const) : (["left", "right"] as const)) {
          const at = room.x(mark.atMs);
          const [from, to] = side === "left" ? [at - widthPx, at] : [at, at + widthPx];
          if (from < room.leftPx || to > room.rightPx) continue;
          if (taken.some((other) => other.row === row && from < other.to && to > other.from)) continue;
          taken.push({ row, from, to });
          return { ...mark, words, row, side, widthPx };
        }
      }
      return { ...mark, words: "", row: 0, side: "left" as const, widthPx: 0 };
    });
}

const shorten = (words: string): string =>
  words.length <= longestWords ? words : `${words.slice(0, longestWords - 1).trimEnd()}…`;
