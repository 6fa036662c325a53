export type Theme = "dark" | "light";

/** A wall is dark until somebody makes that very wall light, whatever a person chose in the same browser. */
const key = () => (/\/wall(\/|$)/.test(window.location.pathname) ? "mailtide.theme.wall" : "mailtide.theme");

/** Dark unless light was chosen on this device. */
export function storedTheme(): Theme {
  try {
    return localStorage.getItem(key()) === "light" ? "light" : "dark";
  } catch {
    return "dark";
  }
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}

export function keepTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    localStorage.setItem(key(), theme);
  } catch {
    // A browser that keeps nothing still shows the theme for this visit.
  }
}
