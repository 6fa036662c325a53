import { type LevelWords as Placed, markFoot, type Plot } from "./level-words.ts";
import type { PlacedMark } from "./marks.ts";

interface MarkWordsProps {
  readonly mark: PlacedMark;
  readonly plot: Plot;
}

/** The words beside a mark's line, with an edge of the ground's colour so that the curve cannot cross them out. */
export function MarkWords({ mark, plot }: MarkWordsProps) {
  if (mark.words === "") return null;
  const isLeft = mark.side === "left";
  return (
    <text
      x={plot.x(mark.atMs) + (isLeft ? -0.5 : 0.5) * plot.unit}
      y={markFoot(mark.row, plot)}
      textAnchor={isLeft ? "end" : "start"}
      className={`trend-words trend-words-${mark.kind}`}
    >
      {mark.words}
    </text>
  );
}

interface LevelWordsProps {
  readonly placed: Placed;
  /** Else it stands in the middle of its room. */
  readonly isTarget?: boolean;
}

export function LevelWords({ placed, isTarget = false }: LevelWordsProps) {
  const { words, leftPx, widthPx, footPx } = placed;
  return (
    <text
      x={isTarget ? leftPx : leftPx + widthPx / 2}
      y={footPx}
      textAnchor={isTarget ? "start" : "middle"}
      className={isTarget ? "trend-words trend-words-quiet" : "trend-words"}
    >
      {words}
    </text>
  );
}
