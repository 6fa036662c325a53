import type { PlacedMark } from "./marks.ts";

interface MarkLineProps {
  readonly mark: PlacedMark;
  readonly rem: number;
  /** Given by recharts: where the line stands. */
  readonly viewBox?: { readonly x?: number; readonly y?: number };
}

/** The words beside a mark's line, on a ground of their own so that the curve cannot cross them out. */
export function MarkLine({ mark, rem, viewBox }: MarkLineProps) {
  if (mark.words === "") return null;
  const x = (viewBox?.x ?? 0) + (mark.side === "left" ? -0.5 : 0.5) * rem;
  const y = (viewBox?.y ?? 0) + (1.1 + mark.row * 1.75) * rem;
  return (
    <text
      x={x}
      y={y}
      textAnchor={mark.side === "left" ? "end" : "start"}
      className={`trend-words trend-words-${mark.kind}`}
    >
      {mark.words}
    </text>
  );
}
