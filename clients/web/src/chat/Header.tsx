/** The bar above the conversation: where one is, and the menu. */
import { useState } from "preact/hooks";
import { Confirm, Menu, MenuItem } from "../shared/parts";
import { Mark } from "../shared/icons";
import { signOut, type Me } from "../shared/session";
import { t } from "../shared/texts";
import { ThemeItems } from "../shared/ThemeItems";
import type { Conversation } from "./conversation";
import { say } from "./texts";

export function Header({ me, conversation }: { me: Me; conversation: Conversation }) {
  const [asking, ask] = useState(false);
  const [busy, setBusy] = useState(false);
  const name = me.display_name || me.name;
  const { voice, context } = conversation;
  const leave = async (everywhere: boolean) => {
    setBusy(true);
    conversation.forget();
    await signOut(everywhere);
  };
  return (
    <header class="bar">
      <h1 class="sr-only">{t("appName")}</h1>
      <div class="bar-inner">
        <a class="brand" href="/" aria-label={t("appName")}>
          <Mark />
          <span>{t("appName")}</span>
        </a>
        {context.value !== null && (
          <span class="chip" data-testid="context" title={say("contextLabel", { name: context.value })}>
            <bdi>{say("context", { name: context.value.replaceAll("_", " ") })}</bdi>
          </span>
        )}
        <span class="spread" />
        <Menu
          label={t("menu")}
          face={
            <span class="avatar" aria-hidden="true">
              {[...name][0]}
            </span>
          }
        >
          <p class="menu-who" role="presentation">
            {say("signedInAs", { name })}
          </p>
          <MenuItem href="/manage">{say("manage")}</MenuItem>
          {voice.canSpeak && (
            <MenuItem checked={voice.aloud.value} onChoose={() => voice.readAloud(!voice.aloud.value)}>
              {say("readAloud")}
            </MenuItem>
          )}
          <ThemeItems />
          <MenuItem onChoose={() => void leave(false)}>{t("signOut")}</MenuItem>
          <MenuItem onChoose={() => ask(true)}>{t("signOutEverywhere")}</MenuItem>
        </Menu>
      </div>
      <Confirm
        open={asking}
        title={t("signOutEverywhere")}
        action={t("signOutEverywhere")}
        danger
        busy={busy}
        onNo={() => ask(false)}
        onYes={() => void leave(true)}
      >
        <p>{t("signOutEverywhereAsk")}</p>
      </Confirm>
    </header>
  );
}
