import TrendChart from "../../chart/trend-chart.tsx";
import { useClock, useSection } from "../../live/hooks.ts";
import { useFormats } from "../../ui/formats-context.tsx";

export function Trend() {
  const trend = useSection("trend");
  const target = useSection("meta")?.targetSeconds ?? 0;
  const recovery = useSection("delay")?.recovery ?? null;
  const { siteNowMs, stale } = useClock();
  const formats = useFormats();
  if (trend === null || siteNowMs === null || recovery === null) return null;
  return (
    <div className="wall-trend">
      <TrendChart
        trend={trend}
        nowMs={siteNowMs}
        targetSeconds={target}
        forecast={stale === null ? recovery : noForecast}
        formats={formats}
      />
    </div>
  );
}

const noForecast = { notBeforeMs: null, lowMs: null, highMs: null } as const;
