import type { EpochMs, TrendMark } from "@mailtide/shared";

export interface MarkLabel {
  readonly atMs: EpochMs;
  readonly kind: TrendMark["kind"] | "now";
  readonly words: string;
  /** Stands after the words, and alone where they find no room. */
  readonly time: string | null;
}

export interface PlacedMark {
  readonly atMs: EpochMs;
  readonly kind: MarkLabel["kind"];
  readonly words: string;
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
  /** Those lines of labels that may be written on, from the top on. */
  readonly rows: readonly number[];
}

interface Taken {
  readonly row: number;
  readonly side: "left" | "right";
  /** Where the mark's own line stands. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** So many labels stand one below the other. */
export const markRows = 5;
const longestWords = 40;
/** Lines that near to a label's edge do not count as cutting it. */
const touchPx = 2;

/**
 * Finds room for every label beside its line, as high as can be, where it covers no other label and crosses no line. A
 * line begins at its label, so that an older one can pass under the label of a newer one. What finds no room for all its
 * words says fewer of them, whole ones; then only its time; at last it keeps its line and says nothing.
 */
export function placeMarks(marks: readonly MarkLabel[], room: MarkRoom): readonly PlacedMark[] {
  const taken: Taken[] = [];
  return marks
    .toSorted((a, b) => Number(b.kind === "now") - Number(a.kind === "now") || b.atMs - a.atMs)
    .map(({ atMs, kind, words, time }) => {
      for (const said of shorterAndShorter(words, time)) {
        const place = candidates(kind, room.x(atMs), (lettersOf(said) + 2) * room.characterPx, room.rows)
          .filter(({ from, to }) => from >= room.leftPx && to <= room.rightPx)
          .find((one) => !taken.some((other) => overlaps(one, other) || crosses(one, other) || crosses(other, one)));
        if (place === undefined) continue;
        taken.push(place);
        return { atMs, kind, words: said, row: place.row, side: place.side };
      }
      return { atMs, kind, words: "", row: rowBelow(room.x(atMs), taken), side: "left" as const };
    });
}

/** How many letters of the usual width they are as wide as, rather more than less: capitals are wider, and ideographs twice so. */
export function lettersOf(words: string): number {
  let sum = 0;
  for (const letter of words) sum += /[\u1100-\u{1ffff}]/u.test(letter) ? 2 : /\p{Lu}/u.test(letter) ? 1.4 : 1;
  return sum;
}

/** Where a line without words begins, so that it crosses no label either. */
function rowBelow(at: number, taken: readonly Taken[]): number {
  const line = { row: 0, side: "left", at, from: at, to: at } as const;
  return Math.max(0, ...taken.filter((label) => crosses(line, label)).map(({ row }) => row + 1));
}

/** All the words, then what stands before a colon or a comma, then a whole word less each time, then the time alone. */
function shorterAndShorter(words: string, time: string | null): readonly string[] {
  const whole = words.split(" ");
  const cuts = whole.slice(1).map((_, index) => whole.slice(0, whole.length - 1 - index).join(" "));
  const ended = /[:;,.(–-]+$/;
  const clauses = cuts.filter((cut) => ended.test(cut));
  const all = [words, ...[...clauses, ...cuts].map((cut) => cut.replace(ended, "").trimEnd())];
  const timed = time === null ? all : [...all.map((some) => `${some} ${time}`), time];
  return timed.filter((said) => said.length <= longestWords);
}

/** A stretch of a line of words that something else already stands in. */
export interface Obstacle {
  readonly fromPx: number;
  readonly toPx: number;
}

/** Where words along a level line begin, as far left as they find room; null when they find none. */
export function placeAlong(
  obstacles: readonly Obstacle[],
  { leftPx, rightPx, widthPx }: { readonly leftPx: number; readonly rightPx: number; readonly widthPx: number },
): number | null {
  let startPx = leftPx;
  for (const { fromPx, toPx } of obstacles.toSorted((a, b) => a.fromPx - b.fromPx)) {
    if (fromPx < startPx + widthPx && toPx > startPx) startPx = toPx;
  }
  return startPx + widthPx <= rightPx ? startPx : null;
}

function candidates(kind: MarkLabel["kind"], at: number, widthPx: number, rows: readonly number[]): readonly Taken[] {
  const sides = kind === "now" ? (["right", "left"] as const) : (["left", "right"] as const);
  return rows.flatMap((row) =>
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
