import { useState } from "preact/hooks";
import type { SettingField, Skill } from "../api";
import { Loaded } from "../parts/Loaded";
import { useResource } from "../resource";
import { t } from "../texts";
import { AddSetting } from "./AddSetting";
import { GroupForm } from "./GroupForm";
import { groupsOf } from "./groups";
import type { Draft, Drafts } from "./model";

export type SettingList = { settings: SettingField[] };

interface SettingsProps {
  /** `/api/me/settings`, or that of a person. */
  path: string;
  /** Whether they are one's own. */
  own: boolean;
}

/** The settings of a person: a form for each section that some skill declares. */
export function Settings({ path, own }: SettingsProps) {
  const list = useResource<SettingList>(path);
  const skills = useResource<{ skills: Skill[] }>("/api/skills");
  const [drafts, setDrafts] = useState<Drafts>({});
  const draft = (key: string, entry: Draft | undefined) => {
    setDrafts(({ [key]: _before, ...others }) => (entry ? { ...others, [key]: entry } : others));
  };
  const forget = (keys: readonly string[]) => {
    setDrafts((before) => Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key))));
  };
  // Titles of skills are worth a moment: forms would change places when they come.
  if (skills.data === null && skills.problem === null) return <Loaded from={skills}>{() => null}</Loaded>;
  return (
    <Loaded from={list}>
      {({ settings }) => (
        <>
          {settings.length === 0 && <p class="empty">{t("settingsNone")}</p>}
          {groupsOf(settings, skills.data?.skills ?? []).map((group) => (
            <GroupForm
              key={group.section ?? ""}
              path={path}
              own={own}
              group={group}
              list={list}
              drafts={drafts}
              onDraft={draft}
              onForget={forget}
            />
          ))}
          <AddSetting path={path} list={list} />
        </>
      )}
    </Loaded>
  );
}
