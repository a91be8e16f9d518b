import { useState } from "preact/hooks";
import { PasswordField } from "../../shared/components";
import { account } from "../../shared/session";
import { placed } from "../problems";
import { useTask } from "../resource";
import { t } from "../texts";
import { Form } from "./Form";

const EMPTY = { old: "", new: "", repeat: "" };
type Entry = typeof EMPTY;

/** What is wrong with a new password before the server is asked. */
function mistakesOf(entry: Entry): Partial<Entry> {
  const found: Partial<Entry> = {};
  if (entry.old === "") found.old = t("required");
  if (entry.new === "") found.new = t("required");
  else if (entry.repeat !== entry.new) found.repeat = t("passwordDiffers");
  return found;
}

/** Changes one's own password. */
export function PasswordForm({ name }: { name: string }) {
  const [entry, setEntry] = useState(EMPTY);
  const [mistakes, setMistakes] = useState<Partial<Entry>>({});
  const task = useTask();
  const { fields, general } = placed(task.problem, ["old", "new"]);
  const type = (change: Partial<Entry>) => {
    setEntry((before) => ({ ...before, ...change }));
    setMistakes({});
    task.reset();
  };
  const change = async () => {
    const found = mistakesOf(entry);
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    await task.run(async () => {
      const body = { old: entry.old, new: entry.new };
      await account.request("POST", "/api/me/password", { body });
      setEntry(EMPTY);
    });
  };
  return (
    <Form
      task={task}
      label={t("password")}
      general={general}
      attempt={task.problem ?? (Object.keys(mistakes).length > 0 && mistakes)}
      button={t("passwordChange")}
      done={t("passwordChanged")}
      onSubmit={() => void change()}
    >
      {/* Password managers want to know whose password it is. */}
      <input class="sr-only" type="text" name="username" autocomplete="username" value={name} readOnly hidden />
      <PasswordField
        label={t("passwordNow")}
        autocomplete="current-password"
        value={entry.old}
        onValue={(old) => type({ old })}
        error={mistakes.old ?? fields.old ?? null}
      />
      <PasswordField
        label={t("passwordNew")}
        hint={t("passwordNewHint")}
        autocomplete="new-password"
        value={entry.new}
        onValue={(value) => type({ new: value })}
        error={mistakes.new ?? fields.new ?? null}
      />
      <PasswordField
        label={t("passwordRepeat")}
        autocomplete="new-password"
        value={entry.repeat}
        onValue={(repeat) => type({ repeat })}
        error={mistakes.repeat ?? null}
      />
    </Form>
  );
}
