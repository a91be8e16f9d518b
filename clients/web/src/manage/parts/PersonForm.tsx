import { useState } from "preact/hooks";
import { account, loadMe, me } from "../../shared/session";
import type { User } from "../api";
import { isTag } from "../languages";
import { placed } from "../problems";
import { useTask, type Resource } from "../resource";
import { t } from "../texts";
import { Form } from "./Form";
import { PersonDetails, PersonName } from "./PersonFields";

type Typed = Partial<Pick<User, "name" | "display_name" | "language" | "admin">>;

/** What an administrator can change about a person, but for access and password. */
export function PersonForm({ path, person, user }: { path: string; person: Resource<User>; user: User }) {
  const [typed, setTyped] = useState<Typed>({});
  const [mistakes, setMistakes] = useState<{ name?: string; language?: string }>({});
  const task = useTask();
  const { fields, general } = placed(task.problem, ["name", "display_name", "language", "admin"]);
  const entry = { ...user, ...typed };
  const type = (change: Typed) => {
    setTyped((before) => ({ ...before, ...change }));
    setMistakes({});
    task.reset();
  };
  const save = async () => {
    const found = {
      ...(entry.name.trim() === "" && { name: t("required") }),
      ...(!isTag(entry.language) && { language: t("languageTagWrong") }),
    };
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    const problem = await task.run(async () => {
      const options = { body: typed, ...(person.etag && { ifMatch: person.etag }) };
      const { data, etag } = await account.request<User>("PATCH", path, options);
      person.replace(data, etag);
      setTyped({});
      // Perhaps it was oneself; then the menu may change.
      if (data.id === me.value?.id) await loadMe();
    });
    if (problem?.status === 412) await person.reload();
  };
  return (
    <Form
      task={task}
      label={t("account")}
      general={general}
      attempt={task.problem ?? (Object.keys(mistakes).length > 0 && mistakes)}
      button={t("save")}
      kind={Object.keys(typed).length > 0 ? "primary" : "plain"}
      disabled={Object.keys(typed).length === 0}
      onSubmit={() => void save()}
    >
      <PersonName
        value={entry.name}
        onValue={(name) => type({ name })}
        error={mistakes.name ?? fields.name ?? null}
      />
      <PersonDetails entry={entry} errors={{ ...fields, ...mistakes }} onType={type} />
    </Form>
  );
}
