import type { Seconds } from "@mailtide/shared";
import { durationParts } from "./duration.ts";
import type { DurationPart } from "./duration.ts";

/** A duration in two sizes: the figure large, its unit small. */
export function DurationFigure({ seconds }: { readonly seconds: Seconds }) {
  return <Parts parts={durationParts(seconds)} />;
}

function Parts({ parts }: { readonly parts: readonly DurationPart[] }) {
  return (
    <span className="figure">
      {parts.map(({ value, unit }, index) => (
        <span className="figure-part" key={unit}>
          {index > 0 && " "}
          <span className="figure-value">{value}</span>
          <span className="figure-unit">{`\u2009${unit}`}</span>
        </span>
      ))}
    </span>
  );
}
