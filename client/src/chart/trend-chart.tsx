import type { EpochMs, Seconds, TrendSection } from "@mailtide/shared";
import { memo, useMemo } from "react";
import { Area, ComposedChart, ReferenceArea, ReferenceDot, ReferenceLine, XAxis, YAxis } from "recharts";
import { text } from "../text/en.ts";
import type { Formats } from "../ui/format.ts";
import { duration } from "../ui/duration.ts";
import { sentenceWords } from "../ui/sentence.tsx";
import { delayAxis, timeTicks, zoneOffsetMs } from "./axis.ts";
import { MarkLine } from "./mark-line.tsx";
import { placeMarks } from "./marks.ts";
import { useSize } from "./size.ts";
import type { Size } from "./size.ts";
import { trendModel } from "./trend-model.ts";
import type { TrendForecast, TrendModel } from "./trend-model.ts";
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
          <Plot
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

interface PlotProps {
  readonly model: TrendModel;
  readonly size: Size;
  readonly marks: TrendSection["marks"];
  readonly targetSeconds: Seconds;
  readonly formats: Formats;
}

const Plot = memo(function Plot({ model, size, marks, targetSeconds, formats }: PlotProps) {
  const { rem, width, height } = size;
  const axis = delayAxis(Math.max(model.maxSeconds, targetSeconds * 1.2), height > 13 * rem ? 4 : 3);
  const left = 5 * rem;
  const bottom = 2.25 * rem;
  const top = rem;
  const plotWidth = width - left - rem;
  const x = (atMs: EpochMs) => left + ((atMs - model.fromMs) / (model.toMs - model.fromMs)) * plotWidth;
  const ticks = timeTicks(model.fromMs, model.toMs, plotWidth / (7 * rem), zoneOffsetMs(formats.timeZone, model.nowMs));
  const inRange = marks.filter(({ atMs }) => atMs >= model.fromMs && atMs <= model.toMs);
  const labels = inRange.map((mark) => ({
    atMs: mark.atMs,
    kind: mark.kind,
    words: markWords(mark, formats, model.nowMs),
  }));
  const placed = placeMarks([...labels, { atMs: model.nowMs, kind: "now" as const, words: text.trend.now }], {
    x,
    leftPx: left,
    rightPx: width,
    characterPx: rem * 0.78,
    rows: 4,
  });
  const isLate = model.lastSeconds !== null && model.lastSeconds > targetSeconds;
  const yOf = (seconds: Seconds) => top + (1 - seconds / axis.topSeconds) * (height - top - bottom);
  const label = text.trend.aria(formats.time(model.fromMs), formats.time(model.nowMs), duration(model.maxSeconds));
  return (
    <figure aria-label={label}>
      <ComposedChart
        width={width}
        height={height}
        data={model.points as TrendModel["points"][number][]}
        margin={{ top, right: rem, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <defs>
          <linearGradient
            id="trend-line"
            gradientUnits="userSpaceOnUse"
            x1="0"
            x2="0"
            y1={yOf(targetSeconds)}
            y2={yOf(targetSeconds) + 1}
          >
            <stop offset="0" className="trend-over" />
            <stop offset="1" className="trend-under" />
          </linearGradient>
          <linearGradient id="trend-fill" x1="0" x2="0" y1="0" y2="1">
            <stop offset="0" className="trend-fill-top" />
            <stop offset="1" className="trend-fill-bottom" />
          </linearGradient>
          <pattern
            id="trend-hatch"
            width={0.6 * rem}
            height={0.6 * rem}
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" x2="0" y1="0" y2={0.6 * rem} className="trend-hatch-line" strokeWidth={0.25 * rem} />
          </pattern>
          <pattern
            id="trend-late"
            width={0.6 * rem}
            height={0.6 * rem}
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(-45)"
          >
            <line x1="0" x2="0" y1="0" y2={0.6 * rem} className="trend-late-line" strokeWidth={0.2 * rem} />
          </pattern>
        </defs>
        <XAxis
          dataKey="atMs"
          type="number"
          domain={[model.fromMs, model.toMs]}
          ticks={ticks as EpochMs[]}
          tickFormatter={formats.time}
          height={bottom}
          axisLine={false}
          tickLine={false}
          interval={0}
          tickMargin={0.5 * rem}
          allowDataOverflow
        />
        <YAxis
          type="number"
          domain={[0, axis.topSeconds]}
          ticks={axis.ticks as Seconds[]}
          tickFormatter={axis.label}
          width={left}
          axisLine={false}
          tickLine={false}
          interval={0}
          tickMargin={0.75 * rem}
          allowDataOverflow
        />
        {axis.ticks.map((seconds) => (
          <ReferenceLine key={`y${seconds}`} y={seconds} className="trend-grid" />
        ))}
        {model.unknown.map(({ fromMs, toMs }) => (
          <ReferenceArea key={`u${fromMs}`} x1={fromMs} x2={toMs} fill="url(#trend-hatch)" fillOpacity={1} />
        ))}
        {model.notBeforeMs !== null && (
          <ReferenceArea x1={model.nowMs} x2={model.notBeforeMs} fill="url(#trend-late)" fillOpacity={1} />
        )}
        {model.interval !== null && (
          <ReferenceArea x1={model.interval.lowMs} x2={model.interval.highMs} className="trend-interval" />
        )}
        <ReferenceLine y={targetSeconds} className="trend-target" />
        <Area
          dataKey="seconds"
          type="linear"
          stroke="url(#trend-line)"
          strokeWidth={0.25 * rem}
          fill={isLate ? "url(#trend-fill)" : "none"}
          fillOpacity={1}
          isAnimationActive={false}
          dot={false}
          activeDot={false}
          connectNulls={false}
        />
        {placed.map((mark) => (
          <ReferenceLine
            key={`${mark.kind}${mark.atMs}${mark.words}`}
            x={mark.atMs}
            className={`trend-mark trend-mark-${mark.kind}`}
            label={<MarkLine mark={mark} rem={rem} />}
          />
        ))}
        {model.lastSeconds !== null && (
          <ReferenceDot
            x={model.nowMs}
            y={Math.min(model.lastSeconds, axis.topSeconds)}
            r={0.5 * rem}
            className={isLate ? "trend-dot-late" : "trend-dot"}
          />
        )}
      </ComposedChart>
    </figure>
  );
});

/** A mark whose words name no time gets the time of its line. */
function markWords({ label, atMs }: TrendSection["marks"][number], formats: Formats, nowMs: EpochMs): string {
  const words = sentenceWords(label, formats, nowMs);
  return label.parts.some((part) => "atMs" in part) ? words : `${words} ${formats.time(atMs)}`;
}
