import { sparkPath } from "./spark-path.ts";

/** A line without axes: the shape of the last values. A plain SVG path, cheap enough to follow every frame. */
export function Spark({
  values,
  className,
}: {
  readonly values: readonly (number | null)[];
  readonly className?: string;
}) {
  return (
    <svg className={`spark ${className ?? ""}`} viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={sparkPath(values, 100, 24)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
