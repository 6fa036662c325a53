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
}

export interface MarkRoom {
  readonly x: (atMs: EpochMs) => number;
  readonly leftPx: number;
  readonly rightPx: number;
  readonly characterPx: number;
  readonly rows: number;
}

interface Taken {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

const longestWords = 26;

/**
 * Finds room for every label beside its line: where it covers no other label, crosses the fewest other lines, and then
 * as high as can be. What finds no room keeps its line and loses its words.
 */
export function placeMarks(marks: readonly MarkLabel[], room: MarkRoom): readonly PlacedMark[] {
  const taken: Taken[] = [];
  return marks
    .toSorted((a, b) => Number(b.kind === "now") - Number(a.kind === "now") || a.atMs - b.atMs)
    .map((mark) => {
      const words = shorten(mark.words);
      const widthPx = (words.length + 2) * room.characterPx;
      const at = room.x(mark.atMs);
      const others = marks.filter((other) => other !== mark).map((other) => room.x(other.atMs));
      const crossings = ({ from, to }: Taken) => others.filter((x) => x > from + 1 && x < to - 1).length;
      const best = candidates(mark, at, widthPx, room.rows)
        .filter(({ place }) => place.from >= room.leftPx && place.to <= room.rightPx)
        .filter(({ place }) => !taken.some((other) => overlaps(place, other)))
        .toSorted((a, b) => crossings(a.place) - crossings(b.place) || a.place.row - b.place.row)[0];
      if (best === undefined) return { ...mark, words: "", row: 0, side: "left" as const };
      taken.push(best.place);
      return { ...mark, words, row: best.place.row, side: best.side };
    });
}

function candidates(mark: MarkLabel, at: number, widthPx: number, rows: number) {
  const sides = mark.kind === "now" ? (["right", "left"] as const) : (["left", "right"] as const);
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) =>
    sides.map((side) => ({
      side,
      place: { row, from: side === "left" ? at - widthPx : at, to: side === "left" ? at : at + widthPx },
    })),
  );
}

const overlaps = (a: Taken, b: Taken): boolean => a.row === b.row && a.from < b.to && a.to > b.from;

const shorten = (words: string): string =>
  words.length <= longestWords ? words : `${words.slice(0, longestWords - 1).trimEnd()}…`;
