import type { EpochMs, Seconds, TrendSection } from "@mailtide/shared";
import { useMemo } from "react";
import { text } from "../text/en.ts";
import type { Formats } from "../ui/format.ts";
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
}

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
  return (
    <div className="trend" ref={ref}>
      {model === null ? (
        <p className="trend-empty">{text.trend.empty}</p>
      ) : (
        size.width > 0 &&
        size.height > 0 && (
          <TrendPlot
            model={model}
            size={size}
            marks={shown.marks}
            targetSeconds={props.targetSeconds}
            formats={props.formats}
          />
        )
      )}
    </div>
  );
}
