import { useState } from "preact/hooks";
import { account } from "../../shared/session";
import { Card } from "../parts/Card";
import { Form } from "../parts/Form";
import { Name, startOf } from "../parts/Text";
import { sentenceOf } from "../problems";
import { useTask, type Resource } from "../resource";
import { t, type Key } from "../texts";
import { labelOf, type Group } from "./groups";
import { changeOf, keyOf, patchOf, type Draft, type Drafts, type Mistake } from "./model";
import { SettingRow } from "./SettingRow";
import type { SettingList } from "./Settings";

const MISTAKES: Record<Mistake, Key> = {
  integer: "wrongInteger",
  large: "wrongLarge",
  number: "wrongNumber",
  boolean: "wrongBoolean",
  long: "wrongLong",
  nul: "wrongNul",
};

interface GroupFormProps {
  path: string;
  own: boolean;
  group: Group;
  list: Resource<SettingList>;
  drafts: Drafts;
  onDraft(key: string, draft: Draft | undefined): void;
  onForget(keys: readonly string[]): void;
}

/** The settings of one section, saved together: all of them, or none. */
export function GroupForm({ path, own, group, list, drafts, onDraft, onForget }: GroupFormProps) {
  const task = useTask();
  // Errors are shown when somebody leaves a field or saves, not while they type.
  const [shown, setShown] = useState<Partial<Record<string, Mistake>>>({});
  const [attempt, setAttempt] = useState(0);
  const keys = group.fields.map((field) => field.key);
  const dirty = group.fields.some((field) => changeOf(field, drafts[field.key]).kind !== "none");
  const refusedKey = task.problem?.code === "invalid-request" ? keyOf(task.problem.field) : null;
  const refused = refusedKey !== null && keys.includes(refusedKey) ? refusedKey : null;
  const general = task.problem && refused === null ? sentenceOf(task.problem) : null;
  const title = group.section === null ? t("settingsOwn") : group.title;

  const errorOf = (key: string): string | null => {
    const mistake = shown[key];
    if (mistake) return t(MISTAKES[mistake]);
    return refused === key && task.problem ? sentenceOf(task.problem) : null;
  };
  const draft = (key: string, entry: Draft | undefined) => {
    setShown(({ [key]: _before, ...others }) => others);
    task.reset();
    onDraft(key, entry);
  };
  const check = (key: string) => {
    const mistake = patchOf(group.fields, drafts).mistakes[key];
    if (mistake) setShown((before) => ({ ...before, [key]: mistake }));
  };
  const save = async () => {
    const { values, mistakes } = patchOf(group.fields, drafts);
    setShown(mistakes);
    setAttempt((before) => before + 1);
    if (Object.keys(mistakes).length > 0) return;
    const problem = await task.run(async () => {
      const options = { body: { settings: values }, ...(list.etag && { ifMatch: list.etag }) };
      const { data, etag } = await account.request<SettingList>("PATCH", path, options);
      list.replace(data, etag);
      onForget(keys);
    });
    if (problem?.status === 412) await list.reload();
    setAttempt((before) => before + 1);
  };
  const discard = () => {
    setShown({});
    task.reset();
    onForget(keys);
  };
  return (
    <Card
      title={<Name>{title}</Name>}
      lead={group.section === null ? t("settingsOwnLead") : undefined}
      aside={group.section !== null && <code class="soft">[{startOf(group.section)}]</code>}
    >
      <Form
        task={task}
        label={startOf(title)}
        general={general}
        attempt={attempt}
        button={t("save")}
        buttonLabel={t("settingsSaveOf", { title: startOf(title) })}
        kind={dirty ? "primary" : "plain"}
        disabled={!dirty}
        onSubmit={() => void save()}
        onCancel={dirty ? discard : undefined}
        cancelText={t("discard")}
        cancelLabel={t("settingsDiscardOf", { title: startOf(title) })}
      >
        {group.fields.map((field) => (
          <SettingRow
            key={field.key}
            field={field}
            label={labelOf(field)}
            own={own}
            draft={drafts[field.key]}
            error={errorOf(field.key)}
            onDraft={(entry) => draft(field.key, entry)}
            onLeave={() => check(field.key)}
          />
        ))}
      </Form>
    </Card>
  );
}
