import { useState } from "react";
import { text } from "../text/en.ts";
import { Toggle } from "./controls.tsx";
import { keepTheme, storedTheme } from "./theme.ts";
import type { Theme } from "./theme.ts";

/** Dark or light, kept on this device; as a quiet sign where nobody is expected to touch it. */
export function ThemeToggle({ sign = false }: { readonly sign?: boolean }) {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  return (
    <Toggle
      label={text.actions.themeLabel}
      isSelected={theme === "light"}
      onChange={(light) => {
        const next = light ? "light" : "dark";
        setTheme(next);
        keepTheme(next);
      }}
    >
      {sign ? <HalfMoon /> : text.actions.themeLabel}
    </Toggle>
  );
}

function HalfMoon() {
  return (
    <svg className="theme-sign" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" strokeWidth="2.5" />
      <path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" />
    </svg>
  );
}
