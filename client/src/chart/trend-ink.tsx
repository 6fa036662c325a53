interface TrendInkProps {
  readonly unit: number;
  /** Height of the target in the drawing, px: above it the curve has the colour of late mail. */
  readonly targetY: number;
}

/** What the trend is drawn with: the curve's two colours, the fill under it, and two hatches. */
export function TrendInk({ unit, targetY }: TrendInkProps) {
  return (
    <defs>
      <linearGradient id="trend-line" gradientUnits="userSpaceOnUse" x1="0" x2="0" y1={targetY} y2={targetY + 1}>
        <stop offset="0" className="trend-over" />
        <stop offset="1" className="trend-under" />
      </linearGradient>
      <linearGradient id="trend-fill" x1="0" x2="0" y1="0" y2="1">
        <stop offset="0" className="trend-fill-top" />
        <stop offset="1" className="trend-fill-bottom" />
      </linearGradient>
      <Hatch id="trend-hatch" stepPx={0.6 * unit} degrees={45} />
      <Hatch id="trend-late" stepPx={0.75 * unit} degrees={-45} />
    </defs>
  );
}

function Hatch({ id, stepPx, degrees }: { readonly id: string; readonly stepPx: number; readonly degrees: number }) {
  return (
    <pattern
      id={id}
      width={stepPx}
      height={stepPx}
      patternUnits="userSpaceOnUse"
      patternTransform={`rotate(${degrees})`}
    >
      <line x1="0" x2="0" y1="0" y2={stepPx} className={`${id}-line`} strokeWidth={stepPx * 0.4} />
    </pattern>
  );
}
