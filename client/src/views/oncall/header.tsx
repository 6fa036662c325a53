import { useState } from "react";
import { useClock, useSection } from "../../live/hooks.ts";
import { text } from "../../text/en.ts";
import { Toggle } from "../../ui/controls.tsx";
import { useFormats } from "../../ui/formats-context.tsx";
import { FreshnessLine } from "../../ui/freshness-line.tsx";
import { ModeLabel, Name } from "../../ui/marks.tsx";
import { keepTheme, storedTheme } from "../../ui/theme.ts";
import type { Theme } from "../../ui/theme.ts";

export function Header() {
  const meta = useSection("meta");
  const { siteNowMs } = useClock();
  const formats = useFormats();
  const [theme, setTheme] = useState<Theme>(storedTheme);
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
      <Toggle
        label={text.actions.themeLabel}
        isSelected={theme === "light"}
        onChange={(light) => {
          const next = light ? "light" : "dark";
          setTheme(next);
          keepTheme(next);
        }}
      >
        {text.actions.lightTheme}
      </Toggle>
    </header>
  );
}
