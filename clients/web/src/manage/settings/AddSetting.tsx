import { useState } from "preact/hooks";
import { Field } from "../../shared/components";
import { account } from "../../shared/session";
import { Form } from "../parts/Form";
import { announce } from "../parts/Toast";
import { sentenceOf } from "../problems";
import { useTask, type Resource } from "../resource";
import { t, type Key } from "../texts";
import { keyMistake, LONGEST_VALUE } from "./model";
import type { SettingList } from "./Settings";

const MISTAKES: Record<Exclude<ReturnType<typeof keyMistake>, null>, Key> = {
  shape: "settingKeyShape",
  reserved: "settingKeyReserved",
  taken: "settingKeyTaken",
};

/** A setting that no skill declares. */
export function AddSetting({ path, list }: { path: string; list: Resource<SettingList> }) {
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const [mistakes, setMistakes] = useState<{ key?: string; value?: string }>({});
  const task = useTask();
  const refused = task.problem?.code === "invalid-request" ? task.problem.field : undefined;
  const error = task.problem ? sentenceOf(task.problem) : null;
  const add = async () => {
    const taken = list.data?.settings.map((field) => field.key) ?? [];
    const wrong = keyMistake(key.trim(), taken);
    const found = { ...(wrong && { key: t(MISTAKES[wrong]) }), ...(value === "" && { value: t("required") }) };
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    await task.run(async () => {
      const options = { body: { settings: { [key.trim()]: value } } };
      const { data, etag } = await account.request<SettingList>("PATCH", path, options);
      list.replace(data, etag);
      setKey("");
      setValue("");
      announce(t("saved"));
    });
  };
  const typed = (change: () => void) => {
    change();
    setMistakes({});
    task.reset();
  };
  return (
    <details class="card more">
      <summary>{t("settingAdd")}</summary>
      <p class="soft">{t("settingAddLead")}</p>
      <Form
        task={task}
        label={t("settingAdd")}
        general={refused === undefined ? error : null}
        attempt={task.problem ?? (Object.keys(mistakes).length > 0 && mistakes)}
        button={t("settingAddButton")}
        done=""
        onSubmit={() => void add()}
      >
        <Field
          label={t("settingKey")}
          hint={t("settingKeyHint")}
          class="code"
          maxLength={128}
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
          value={key}
          onValue={(text) => typed(() => setKey(text))}
          error={mistakes.key ?? (refused !== undefined ? error : null)}
        />
        <Field
          label={t("settingValue")}
          dir="auto"
          maxLength={LONGEST_VALUE}
          autocomplete="off"
          value={value}
          onValue={(text) => typed(() => setValue(text))}
          error={mistakes.value ?? null}
        />
      </Form>
    </details>
  );
}
