import { useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { useFormats } from "../../ui/formats-context.tsx";
import { FreshnessLine } from "../../ui/freshness-line.tsx";
import { ModeLabel, Name } from "../../ui/marks.tsx";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
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
      <ModeLabel />
      <span className="wall-clock">
        <span>{formats.date(siteNowMs)}</span>
        {meta.fastForwardToMs === undefined ? (
          <time>{formats.clock(siteNowMs)}</time>
        ) : (
          <span>{text.fastForward(formats.time(meta.fastForwardToMs))}</span>
        )}
        <span className="wall-zone">{formats.zoneName(siteNowMs)}</span>
      </span>
      <FreshnessLine />
      <ThemeToggle sign />
    </header>
  );
}
