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
  readonly side: "left" | "right";
  /** Where the mark's own line stands. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const longestWords = 26;
/** Lines that near to a label's edge do not count as cutting it. */
const touchPx = 2;

/**
 * Finds room for every label beside its line: where it covers no other label, the fewest lines and labels cross, and
 * then as high as can be. A line begins at its label, so that an older one can pass under the label of a newer one.
 * What finds no room keeps its line and loses its words.
 */
export function placeMarks(marks: readonly MarkLabel[], room: MarkRoom): readonly PlacedMark[] {
  const taken: Taken[] = [];
  return marks
    .toSorted((a, b) => Number(b.kind === "now") - Number(a.kind === "now") || b.atMs - a.atMs)
    .map((mark) => {
      const words = shorten(mark.words);
      const best = candidates(mark.kind, room.x(mark.atMs), (words.length + 2) * room.characterPx, room.rows)
        .filter((place) => place.from >= room.leftPx && place.to <= room.rightPx)
        .filter((place) => !taken.some((other) => overlaps(place, other)))
        .map((place) => ({
          place,
          crossings: taken.filter((other) => crosses(place, other) || crosses(other, place)).length,
        }))
        .toSorted((a, b) => a.crossings - b.crossings || a.place.row - b.place.row)[0]?.place;
      if (best === undefined) return { ...mark, words: "", row: 0, side: "left" as const };
      taken.push(best);
      return { ...mark, words, row: best.row, side: best.side };
    });
}

function candidates(kind: MarkLabel["kind"], at: number, widthPx: number, rows: number): readonly Taken[] {
  const sides = kind === "now" ? (["right", "left"] as const) : (["left", "right"] as const);
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) =>
    sides.map((side) => ({
      row,
      side,
      at,
      from: side === "left" ? at - widthPx : at,
      to: side === "left" ? at : at + widthPx,
    })),
  );
}

const overlaps = (a: Taken, b: Taken): boolean => a.row === b.row && a.from < b.to && a.to > b.from;

/** Whether the line of one, from its label down, cuts the label of the other. */
const crosses = (line: Taken, label: Taken): boolean =>
  line.row <= label.row && line.at > label.from + touchPx && line.at < label.to - touchPx;

const shorten = (words: string): string =>
  words.length <= longestWords ? words : `${words.slice(0, longestWords - 1).trimEnd()}…`;
