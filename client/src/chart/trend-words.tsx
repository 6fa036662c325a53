import type { Obstacle, PlacedMark } from "./marks.ts";

/** Height of one line of labels. */
export const markRowUnits = 1.75;

/** Given by recharts: where the line or the area stands. */
interface ViewBox {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
}

interface MarkWordsProps {
  readonly mark: PlacedMark;
  readonly unit: number;
  readonly x: number;
  readonly top: number;
}

/** The words beside a mark's line, with an edge of the ground's colour so that the curve cannot cross them out. */
export function MarkWords({ mark, unit, x, top }: MarkWordsProps) {
  if (mark.words === "") return null;
  const isLeft = mark.side === "left";
  return (
    <text
      x={x + (isLeft ? -0.5 : 0.5) * unit}
      y={markFoot(mark.row, unit, top)}
      textAnchor={isLeft ? "end" : "start"}
      className={`trend-words trend-words-${mark.kind}`}
    >
      {mark.words}
    </text>
  );
}

/** What a mark takes of a line of words whose foot stands at `y`: its own line always, its label where that is near. */
export function obstacleOf(
  { row, side, words }: PlacedMark,
  unit: number,
  x: number,
  top: number,
  y: number,
): Obstacle {
  const isNear = Math.abs(markFoot(row, unit, top) - y) < 1.6 * unit;
  const widthPx = isNear ? (words.length * 0.74 + 1) * unit : 0;
  const gapPx = 0.4 * unit;
  return { fromPx: x - gapPx - (side === "left" ? widthPx : 0), toPx: x + gapPx + (side === "right" ? widthPx : 0) };
}

const markFoot = (row: number, unit: number, top: number): number => top + (1.3 + row * markRowUnits) * unit;

interface WordsProps {
  readonly words: string;
  readonly unit: number;
  readonly viewBox?: ViewBox;
}

/** In the middle of an area, where it has room. */
export function AreaWords({ words, unit, viewBox }: WordsProps) {
  const { x = 0, y = 0, width = 0, height = 0 } = viewBox ?? {};
  if (width < words.length * unit * 0.72) return null;
  return (
    <text x={x + width / 2} y={y + height * 0.56} textAnchor="middle" className="trend-words">
      {words}
    </text>
  );
}

/** Above a level line. */
export function LineWords({ words, unit, leftPx, viewBox }: WordsProps & { readonly leftPx: number }) {
  return (
    <text x={leftPx} y={(viewBox?.y ?? 0) - 0.5 * unit} className="trend-words trend-words-quiet">
      {words}
    </text>
  );
}
