import { useClock, useSection } from "../../live/hooks.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { FreshnessLine } from "../../ui/freshness-line.tsx";
import { ModeLabel, Name } from "../../ui/marks.tsx";

export function Header() {
  const meta = useSection("meta");
  const { siteNowMs } = useClock();
  const formats = useFormats();
  if (meta === null || siteNowMs === null) return null;
  return (
    <header className="oncall-top">
      <Name className="oncall-site">{meta.site.name}</Name>
      <FreshnessLine short />
      <ModeLabel mode={meta.mode} speed={meta.speed} />
      <span className="oncall-clock">
        <span className="oncall-date">{formats.date(siteNowMs)}</span> <time>{formats.time(siteNowMs)}</time>{" "}
        <span title={formats.timeZone}>{formats.zoneName(siteNowMs)}</span>
      </span>
    </header>
  );
}
