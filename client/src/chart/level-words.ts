import type { EpochMs } from "@mailtide/shared";
import { lettersOf, markRows, type Obstacle, placeAlong, type PlacedMark } from "./marks.ts";

/** Where the plot stands, px, and the line across it that no words may lie on. */
export interface Plot {
  /** The unit of the drawing. */
  readonly unit: number;
  readonly top: number;
  readonly height: number;
  readonly targetY: number;
  readonly x: (atMs: EpochMs) => number;
}

/** Words that stand along a level line. */
export interface LevelWords {
  readonly words: string;
  readonly leftPx: number;
  readonly widthPx: number;
  readonly footPx: number;
}

/** Height of one line of labels. */
const markRowUnits = 1.75;
export const characterUnits = 0.74;
/** How far words reach over and under their foot, with the edge around them: a line of labels together. */
const overUnits = 1.25;
const underUnits = 0.5;

/** Where the words of a line of labels stand, and where the lines of those marks begin. */
export const markFoot = (row: number, { unit, top }: Plot): number => top + (1.3 + row * markRowUnits) * unit;
export const markTop = (row: number, { unit, top }: Plot): number => top + row * markRowUnits * unit;

/** The lines of labels on which words stand clear of the target and within the plot, from the top on. */
export function rowsIn(plot: Plot): readonly number[] {
  return Array.from({ length: markRows + 1 }, (_, row) => row)
    .filter((row) => isClear(markFoot(row, plot), plot) && markFoot(row, plot) <= plot.top + plot.height)
    .slice(0, markRows);
}

/** A stretch and what is to be said of it, at length and in ever fewer words. */
export interface Stretch {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly words: readonly string[];
}

/** In the middle of each stretch, or beside what stands there; where there is no room nothing. */
export function placeInStretches(
  stretches: readonly Stretch[],
  marks: readonly PlacedMark[],
  plot: Plot,
): readonly LevelWords[] {
  const middlePx = plot.top + 0.56 * plot.height;
  const footPx = isClear(middlePx, plot) ? middlePx : plot.targetY + overUnits * plot.unit;
  const obstacles = marks.map((mark) => obstacleOf(mark, plot, footPx));
  return stretches.flatMap(({ fromMs, toMs, words: choice }) => {
    const [leftPx, rightPx] = [plot.x(fromMs), plot.x(toMs)];
    for (const words of choice) {
      const widthPx = widthOf(words, plot);
      const centredPx = (leftPx + rightPx - widthPx) / 2;
      const at =
        placeAlong(obstacles, { leftPx: centredPx, rightPx: centredPx + widthPx, widthPx }) ??
        placeAlong(obstacles, { leftPx, rightPx, widthPx });
      if (at !== null && at >= leftPx) return [{ words, leftPx: at, widthPx, footPx }];
    }
    return [];
  });
}

/** Above the target's line, as far left as they find room; null where they find none. */
export function placeAtTarget(
  words: string,
  { leftPx, rightPx }: { readonly leftPx: number; readonly rightPx: number },
  { marks, others }: { readonly marks: readonly PlacedMark[]; readonly others: readonly LevelWords[] },
  plot: Plot,
): LevelWords | null {
  const footPx = plot.targetY - underUnits * plot.unit;
  const widthPx = widthOf(words, plot);
  const near = others.filter((other) => areNear(other.footPx, footPx, plot));
  const at = placeAlong(
    [
      ...marks.map((mark) => obstacleOf(mark, plot, footPx)),
      ...near.map((other) => ({ fromPx: other.leftPx, toPx: other.leftPx + other.widthPx })),
    ],
    { leftPx, rightPx, widthPx },
  );
  return at === null ? null : { words, leftPx: at, widthPx, footPx };
}

/** What a mark takes of a line of words whose foot stands there: its own line always, its label where that is near. */
function obstacleOf({ atMs, row, side, words }: PlacedMark, plot: Plot, footPx: number): Obstacle {
  const at = plot.x(atMs);
  const widthPx = words !== "" && areNear(markFoot(row, plot), footPx, plot) ? widthOf(words, plot) + plot.unit : 0;
  const gapPx = 0.4 * plot.unit;
  return { fromPx: at - gapPx - (side === "left" ? widthPx : 0), toPx: at + gapPx + (side === "right" ? widthPx : 0) };
}

const widthOf = (words: string, { unit }: Plot): number => lettersOf(words) * characterUnits * unit;

const areNear = (oneFootPx: number, otherFootPx: number, { unit }: Plot): boolean =>
  Math.abs(oneFootPx - otherFootPx) < (overUnits + underUnits) * unit;

/** Whether words with their foot there do not touch the target's line. */
const isClear = (footPx: number, { unit, targetY }: Plot): boolean =>
  targetY <= footPx - overUnits * unit || targetY >= footPx + underUnits * unit;
