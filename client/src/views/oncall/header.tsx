import { useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
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
      <ModeLabel />
      <span className="oncall-clock">
        <span className="oncall-date">{formats.date(siteNowMs)}</span>{" "}
        {meta.fastForwardToMs === undefined ? (
          <time>{formats.time(siteNowMs)}</time>
        ) : (
          text.fastForward(formats.time(meta.fastForwardToMs))
        )}{" "}
        <span title={formats.timeZone}>{formats.zoneName(siteNowMs)}</span>
      </span>
    </header>
  );
}
