export type Theme = "dark" | "light";

const isWall = (): boolean => /\/wall(\/|$)/.test(window.location.pathname);
const isLab = (): boolean => window.location.pathname.startsWith("/lab/");

/** A wall is made light by itself, whatever a person chose in the same browser. */
const key = () => (isWall() ? "mailtide.theme.wall" : "mailtide.theme");

/** What was chosen on this device; else what the device is set to, but for a wall, which is dark until somebody makes it light. */
export function storedTheme(): Theme {
  try {
    const chosen = localStorage.getItem(key());
    if (chosen === "light" || chosen === "dark") return chosen;
  } catch {
    // A browser that keeps nothing has chosen nothing.
  }
  return (isLab() || !isWall()) && window.matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  // What a phone's browser paints around the page.
  if (ground !== "") document.querySelector('meta[name="theme-color"]')?.setAttribute("content", ground);
}

export function keepTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(key(), theme);
  } catch {
    // A browser that keeps nothing still shows the theme for this visit.
  }
}
