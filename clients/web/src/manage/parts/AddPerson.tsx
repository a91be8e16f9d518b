import { useState } from "preact/hooks";
import { PasswordField } from "../../shared/components";
import { account, me } from "../../shared/session";
import type { User } from "../api";
import { isTag } from "../languages";
import { placed } from "../problems";
import { useTask } from "../resource";
import { t } from "../texts";
import { Card } from "./Card";
import { Form } from "./Form";
import { PersonDetails, PersonName } from "./PersonFields";
import { startOf } from "./Text";
import { announce } from "./Toast";

interface Entry {
  name: string;
  display_name: string;
  language: string;
  password: string;
  admin: boolean;
}

type Mistakes = Partial<Record<keyof Entry, string>>;

function mistakesOf(entry: Entry): Mistakes {
  return {
    ...(entry.name.trim() === "" && { name: t("required") }),
    ...(entry.password === "" && { password: t("required") }),
    ...(!isTag(entry.language) && { language: t("languageTagWrong") }),
  };
}

/** Makes an account for somebody. */
export function AddPerson({ onAdded, onCancel }: { onAdded(): void; onCancel(): void }) {
  const [entry, setEntry] = useState<Entry>({
    name: "",
    display_name: "",
    language: me.value?.language ?? "en-US",
    password: "",
    admin: false,
  });
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const task = useTask();
  const { fields, general } = placed(task.problem, ["name", "display_name", "language", "password"]);
  const type = (change: Partial<Entry>) => {
    setEntry((before) => ({ ...before, ...change }));
    setMistakes({});
    task.reset();
  };
  const add = async () => {
    const found = mistakesOf(entry);
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    await task.run(async () => {
      const { data } = await account.request<User>("POST", "/api/users", { body: entry });
      announce(t("personAdded", { name: startOf(data.name) }));
      onAdded();
    });
  };
  return (
    <Card title={t("personAdd")}>
      <Form
        task={task}
        label={t("personAdd")}
        general={general}
        attempt={task.problem ?? (Object.keys(mistakes).length > 0 && mistakes)}
        button={t("personAdd")}
        done=""
        onSubmit={() => void add()}
        onCancel={onCancel}
      >
        <PersonName
          autoFocus
          value={entry.name}
          onValue={(name) => type({ name })}
          error={mistakes.name ?? fields.name ?? null}
        />
        <PasswordField
          label={t("password")}
          hint={t("passwordNewHint")}
          autocomplete="new-password"
          value={entry.password}
          onValue={(password) => type({ password })}
          error={mistakes.password ?? fields.password ?? null}
        />
        <PersonDetails entry={entry} errors={{ ...fields, ...mistakes }} onType={type} />
      </Form>
    </Card>
  );
}
