import { useState } from "react";
import { text } from "../text/en.ts";
import { Toggle } from "./controls.tsx";
import { keepTheme, storedTheme } from "./theme.ts";
import type { Theme } from "./theme.ts";

/** Dark or light, kept on this device. */
export function ThemeToggle() {
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
      {text.actions.themeLabel}
    </Toggle>
  );
}
