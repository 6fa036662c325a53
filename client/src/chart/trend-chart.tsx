import type { EpochMs, Seconds, TrendSection } from "@mailtide/shared";
import { useMemo } from "react";
import { text } from "../text/en.ts";
import type { Formats } from "../ui/format.ts";
import { labelsWithin, numbered } from "./mark-labels.ts";
import { markRows } from "./marks.ts";
import { MarkList } from "./mark-list.tsx";
import { useSize } from "./size.ts";
import { TrendPlot } from "./trend-plot.tsx";
import { trendModel } from "./trend-model.ts";
import type { TrendForecast } from "./trend-model.ts";
import { useSlowly } from "./slowly.ts";
import "./chart.css";

export interface TrendChartProps {
  readonly trend: TrendSection;
  readonly nowMs: EpochMs;
  readonly targetSeconds: Seconds;
  readonly forecast: TrendForecast;
  readonly formats: Formats;
  /** Whether there is room below it for a list of marks, where it has too little for their words. */
  readonly mayList?: boolean;
}

/** Narrower than that, px per unit, the words of two marks seldom stand beside each other. */
const narrowUnits = 48;

/** The delay over time: history solid, now as a line, what is forecast behind it, causes where they began. */
export default function TrendChart(props: TrendChartProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  // `now` moves by whole steps, so that the drawing changes when it has something to say.
  const stepMs = Math.max(1, props.trend.stepSeconds) * 1000;
  const shown = useSlowly(props.trend, 1000);
  const nowMs = Math.floor(props.nowMs / stepMs) * stepMs;
  const { notBeforeMs, lowMs, highMs } = props.forecast;
  const model = useMemo(
    () => trendModel(shown, nowMs, { notBeforeMs, lowMs, highMs }, Math.max(1, Math.floor(size.width / 2))),
    [shown, nowMs, notBeforeMs, lowMs, highMs, size.width],
  );
  const labels = useMemo(
    () => (model === null ? [] : labelsWithin(model, shown.marks, props.formats)),
    [model, shown.marks, props.formats],
  );
  const isNarrow = size.width < narrowUnits * size.unit;
  const isListed = props.mayList === true && labels.length > (isNarrow ? 1 : markRows);
  const written = useMemo(() => (isListed ? numbered(labels) : labels), [isListed, labels]);
  return (
    <>
      <div className="trend" ref={ref}>
        {model === null ? (
          <p className="trend-empty">{text.trend.empty}</p>
        ) : (
          size.width > 0 &&
          size.height > 0 && (
            <TrendPlot
              model={model}
              size={size}
              labels={written}
              targetSeconds={props.targetSeconds}
              formats={props.formats}
            />
          )
        )}
      </div>
      {isListed && <MarkList labels={labels} />}
    </>
  );
}
