/** Light or dark: like the system, or as chosen in this browser. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export const themes: readonly Theme[] = ["system", "light", "dark"];

// public/theme.js reads the same key before the page is painted.
const KEY = "pytlas-theme";
const BARS = { light: "#f6f7f6", dark: "#101515" };

function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}

export const theme = signal<Theme>(stored());

/** Chooses the appearance, and keeps the choice in this browser. */
export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  try {
    if (chosen === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, chosen);
  } catch {
    // A browser that keeps nothing still shows it for now.
  }
}

effect(() => {
  const root = document.documentElement;
  if (theme.value === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme.value;
  for (const bar of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = bar.media.includes("dark") ? "dark" : "light";
    bar.content = BARS[theme.value === "system" ? own : theme.value];
  }
});

addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) theme.value = stored();
});
