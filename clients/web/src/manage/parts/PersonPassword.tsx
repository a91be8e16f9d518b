import { useState } from "preact/hooks";
import { PasswordField } from "../../shared/components";
import { account } from "../../shared/session";
import { placed } from "../problems";
import { useTask } from "../resource";
import { t } from "../texts";
import { Card } from "./Card";
import { Form } from "./Form";

/** Gives another person a new password. */
export function PersonPassword({ path, name }: { path: string; name: string }) {
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState(false);
  const task = useTask();
  const { fields, general } = placed(task.problem, ["password"]);
  const save = async () => {
    setMissing(password === "");
    if (password === "") return;
    await task.run(async () => {
      await account.request("PATCH", path, { body: { password } });
      setPassword("");
    });
  };
  return (
    <Card title={t("password")} lead={t("personPasswordLead")}>
      <Form
        task={task}
        label={t("password")}
        general={general}
        attempt={task.problem ?? missing}
        button={t("personPasswordSet")}
        done={t("personPasswordDone")}
        onSubmit={() => void save()}
      >
        {/* Else password managers save it as the administrator's own. */}
        <input type="text" name="username" autocomplete="username" value={name} readOnly hidden />
        <PasswordField
          label={t("passwordNew")}
          hint={t("passwordNewHint")}
          autocomplete="new-password"
          value={password}
          onValue={(value) => {
            setPassword(value);
            setMissing(false);
            task.reset();
          }}
          error={missing ? t("required") : (fields.password ?? null)}
        />
      </Form>
    </Card>
  );
}
