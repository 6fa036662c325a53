import { useClock, useSection } from "../../live/hooks.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { FreshnessLine } from "../../ui/freshness-line.tsx";
import { ModeLabel, Name } from "../../ui/marks.tsx";
import { directionWords } from "./select.ts";

/** Whose mail, in which directions, whether it is real, and how old it is. */
export function TopLine() {
  const meta = useSection("meta");
  const directions = useSection("delay")?.directions ?? {};
  const { siteNowMs } = useClock();
  const formats = useFormats();
  if (meta === null || siteNowMs === null) return null;
  return (
    <header className="wall-top">
      <Name className="wall-site">{meta.site.name}</Name>
      <span className="wall-directions">{directionWords(directions)}</span>
      <ModeLabel mode={meta.mode} speed={meta.speed} />
      <span className="wall-clock">
        <span>{formats.date(siteNowMs)}</span>
        <time>{formats.clock(siteNowMs)}</time>
        <span className="wall-zone">{formats.zoneName(siteNowMs)}</span>
      </span>
      <FreshnessLine />
    </header>
  );
}
