import { useState } from "preact/hooks";
import { Confirm, Menu, MenuItem } from "../../shared/components";
import { Mark } from "../../shared/icons";
import { signOut } from "../../shared/session";
import { t as shared } from "../../shared/texts";
import { ThemeItems } from "../../shared/ThemeItems";
import type { Me } from "../api";
import { t } from "../texts";
import { Name } from "./Text";

/** The bar above the pages: where one is, the way back to the chat, and the menu. */
export function Header({ person }: { person: Me }) {
  const [asking, ask] = useState(false);
  const [busy, setBusy] = useState(false);
  const name = person.display_name || person.name;
  const leave = async (everywhere: boolean) => {
    setBusy(true);
    await signOut(everywhere);
  };
  return (
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href="/" title={t("backToChat")}>
          <Mark />
          <span>{shared("appName")}</span>
        </a>
        <span class="bar-place">{t("title")}</span>
        <span class="spread" />
        <a class="button quiet to-chat" href="/">
          {t("chat")}
        </a>
        <Menu
          label={shared("menu")}
          face={
            <span class="avatar" aria-hidden="true">
              {[...name][0]}
            </span>
          }
        >
          <p class="menu-who" role="presentation">
            <Name>{name}</Name>
          </p>
          <MenuItem href="/">{t("chat")}</MenuItem>
          <ThemeItems />
          <MenuItem onChoose={() => void leave(false)}>{shared("signOut")}</MenuItem>
          <MenuItem onChoose={() => ask(true)}>{shared("signOutEverywhere")}</MenuItem>
        </Menu>
      </div>
      <Confirm
        open={asking}
        title={shared("signOutEverywhere")}
        action={shared("signOutEverywhere")}
        danger
        busy={busy}
        onNo={() => ask(false)}
        onYes={() => void leave(true)}
      >
        <p>{shared("signOutEverywhereAsk")}</p>
      </Confirm>
    </header>
  );
}
