/** The lines of a menu that choose light or dark. */
import { MenuGroup, MenuItem } from "./parts";
import { t, type SharedKey } from "./texts";
import { chooseTheme, theme, themes, type Theme } from "./theme";

const NAMES: Record<Theme, SharedKey> = {
  system: "themeSystem",
  light: "themeLight",
  dark: "themeDark",
};

export function ThemeItems() {
  return (
    <MenuGroup label={t("theme")}>
      {themes.map((one) => (
        <MenuItem key={one} radio checked={theme.value === one} onChoose={() => chooseTheme(one)}>
          {t(NAMES[one])}
        </MenuItem>
      ))}
    </MenuGroup>
  );
}
