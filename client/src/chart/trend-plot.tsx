import type { EpochMs, Seconds } from "@mailtide/shared";
import { memo } from "react";
import {
  Area,
  ComposedChart,
  DefaultZIndexes,
  ReferenceArea,
  ReferenceDot,
  ReferenceLine,
  XAxis,
  YAxis,
  ZIndexLayer,
} from "recharts";
import { text } from "../text/en.ts";
import { duration } from "../ui/duration.ts";
import type { Formats } from "../ui/format.ts";
import { delayAxis, timeTicks, zoneOffsetMs } from "./axis.ts";
import { characterUnits, markTop, type Plot, placeAtTarget, placeInStretches, rowsIn } from "./level-words.ts";
import { type MarkLabel, placeMarks } from "./marks.ts";
import type { Size } from "./size.ts";
import { TrendInk } from "./trend-ink.tsx";
import type { TrendModel } from "./trend-model.ts";
import { LevelWords, MarkWords } from "./trend-words.tsx";

interface TrendPlotProps {
  readonly model: TrendModel;
  readonly size: Size;
  readonly labels: readonly MarkLabel[];
  readonly targetSeconds: Seconds;
  readonly formats: Formats;
}

/** The drawing itself. Its parts are called in the order in which they are painted. */
export const TrendPlot = memo(function TrendPlot({ model, size, labels, targetSeconds, formats }: TrendPlotProps) {
  const { unit, width, height } = size;
  const [bottom, top] = [2.25 * unit, unit];
  const plotHeight = height - top - bottom;
  const axis = delayAxis(Math.max(model.maxSeconds, targetSeconds), plotHeight > 11 * unit ? 4 : 3);
  // As wide as its longest number: "120 min" takes more than "30 min".
  const letters = Math.max(...axis.ticks.map((tick) => axis.label(tick).length));
  const left = Math.max(6, 0.8 * letters + 1.25) * unit;
  const plotWidth = width - left - unit;
  const x = (atMs: EpochMs) => left + ((atMs - model.fromMs) / (model.toMs - model.fromMs)) * plotWidth;
  const ticks = timeTicks(
    model.fromMs,
    model.toMs,
    plotWidth / (7 * unit),
    zoneOffsetMs(formats.timeZone, model.nowMs),
  ).filter((atMs) => x(atMs) < width - 2 * unit);
  const now = { atMs: model.nowMs, kind: "now" as const, words: text.trend.now, time: null };
  const targetY = top + (1 - targetSeconds / axis.topSeconds) * plotHeight;
  const plot: Plot = { unit, top, height: plotHeight, targetY, x };
  const placed = placeMarks([...labels, now], {
    x,
    leftPx: left,
    rightPx: width,
    characterPx: unit * characterUnits,
    rows: rowsIn(plot),
  });
  const lineTop = (row: number) => axis.topSeconds * Math.max(0.1, 1 - (markTop(row, plot) - top) / plotHeight);
  const isLate = model.lastSeconds !== null && model.lastSeconds > targetSeconds;
  const stretches = [
    ...model.unknown.map((stretch) => ({ ...stretch, words: [text.trend.unknown] })),
    ...(model.late === null
      ? []
      : [
          {
            fromMs: model.nowMs,
            toMs: model.late.toMs,
            words: text.trend.notBefore(formats.timeNear(model.late.untilMs, model.nowMs)),
          },
        ]),
  ];
  const inStretches = placeInStretches(stretches, placed, plot);
  const atTarget = isLate
    ? null
    : placeAtTarget(
        text.parts.target(duration(targetSeconds)),
        { leftPx: left + 0.5 * unit, rightPx: width - unit },
        { marks: placed, others: inStretches },
        plot,
      );
  const label = text.trend.aria(formats.time(model.fromMs), formats.time(model.nowMs), duration(model.maxSeconds));
  return (
    <figure aria-label={label}>
      <ComposedChart
        width={width}
        height={height}
        data={model.points}
        margin={{ top, right: unit, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <TrendInk unit={unit} targetY={targetY} />
        <XAxis
          dataKey="atMs"
          type="number"
          domain={[model.fromMs, model.toMs]}
          ticks={ticks}
          tickFormatter={formats.time}
          height={bottom}
          axisLine={false}
          tickLine={false}
          interval={0}
          tickMargin={0.5 * unit}
          allowDataOverflow
        />
        <YAxis
          type="number"
          domain={[0, axis.topSeconds]}
          ticks={axis.ticks}
          tickFormatter={axis.label}
          width={left}
          axisLine={false}
          tickLine={false}
          interval={0}
          tickMargin={0.75 * unit}
          allowDataOverflow
        />
        {axis.ticks.map((seconds) => (
          <ReferenceLine key={`y${seconds}`} y={seconds} className="trend-grid" />
        ))}
        {model.unknown.map(({ fromMs, toMs }) => (
          <ReferenceArea key={`u${fromMs}`} x1={fromMs} x2={toMs} fill="url(#trend-hatch)" fillOpacity={1} />
        ))}
        {model.late !== null && (
          <ReferenceArea x1={model.nowMs} x2={model.late.toMs} fill="url(#trend-late)" fillOpacity={1} />
        )}
        {model.interval !== null && (
          <ReferenceArea x1={model.interval.lowMs} x2={model.interval.highMs} className="trend-interval" />
        )}
        <ReferenceLine y={targetSeconds} className="trend-target" />
        <Area
          dataKey="seconds"
          type="linear"
          stroke="url(#trend-line)"
          strokeWidth={0.25 * unit}
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
            segment={[
              { x: mark.atMs, y: 0 },
              { x: mark.atMs, y: lineTop(mark.row) },
            ]}
            className={`trend-mark trend-mark-${mark.kind}`}
          />
        ))}
        {/* Above all lines, which recharts draws in layers of their own. */}
        <ZIndexLayer zIndex={DefaultZIndexes.label}>
          {inStretches.map((words) => (
            <LevelWords key={`l${words.leftPx}`} placed={words} />
          ))}
          {atTarget !== null && <LevelWords placed={atTarget} isTarget />}
          {placed.map((mark) => (
            <MarkWords key={`w${mark.kind}${mark.atMs}${mark.words}`} mark={mark} plot={plot} />
          ))}
        </ZIndexLayer>
        {model.lastSeconds !== null && (
          <ReferenceDot
            x={model.nowMs}
            y={Math.min(model.lastSeconds, axis.topSeconds)}
            r={0.5 * unit}
            className={isLate ? "trend-dot-late" : "trend-dot"}
          />
        )}
      </ComposedChart>
    </figure>
  );
});
