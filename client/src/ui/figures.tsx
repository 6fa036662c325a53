import type { Seconds } from "@mailtide/shared";
import { durationParts } from "./duration.ts";
import type { DurationPart } from "./duration.ts";

/** A duration in two sizes: the figure large, its unit small. */
export function DurationFigure({ seconds }: { readonly seconds: Seconds }) {
  return <Parts parts={seconds > 0 && seconds < 1 ? underASecond : durationParts(seconds)} />;
}

const underASecond: readonly DurationPart[] = [{ value: "<\u202f1", unit: "s" }];

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
