import { useState } from "preact/hooks";
import { Field } from "../../shared/components";
import { account, me } from "../../shared/session";
import type { Me } from "../api";
import { date } from "../format";
import { isTag } from "../languages";
import { Card, Facts } from "../parts/Card";
import { Form } from "../parts/Form";
import { LanguageField } from "../parts/LanguageField";
import { Loaded } from "../parts/Loaded";
import { Name } from "../parts/Text";
import { PasswordForm } from "../parts/PasswordForm";
import { placed } from "../problems";
import { useResource, useTask, type Resource } from "../resource";
import { t } from "../texts";

/** Who one is, and one's password. */
export function ProfilePage() {
  const profile = useResource<Me>("/api/me");
  return (
    <Loaded from={profile}>
      {(person) => (
        <>
          <Card title={t("about")}>
            <Facts
              facts={[
                [t("signInName"), <Name>{person.name}</Name>],
                [t("administrator"), person.admin ? t("yes") : t("no")],
                ...(person.created_at ? [[t("memberSince"), date(person.created_at)] as const] : []),
              ]}
            />
            <ProfileForm profile={profile} person={person} />
          </Card>
          <Card title={t("password")} lead={t("passwordLead")}>
            <PasswordForm name={person.name} />
          </Card>
        </>
      )}
    </Loaded>
  );
}

type Typed = Partial<Pick<Me, "display_name" | "language">>;

function ProfileForm({ profile, person }: { profile: Resource<Me>; person: Me }) {
  const [typed, setTyped] = useState<Typed>({});
  const [wrongTag, setWrongTag] = useState(false);
  const task = useTask();
  const { fields, general } = placed(task.problem, ["display_name", "language"]);
  const type = (change: Typed) => {
    setTyped((before) => ({ ...before, ...change }));
    setWrongTag(false);
    task.reset();
  };
  const save = async () => {
    if (typed.language !== undefined && !isTag(typed.language)) return setWrongTag(true);
    const problem = await task.run(async () => {
      const options = { body: typed, ...(profile.etag && { ifMatch: profile.etag }) };
      const { data, etag } = await account.request<Me>("PATCH", "/api/me", options);
      profile.replace(data, etag);
      me.value = data;
      setTyped({});
    });
    if (problem?.status === 412) await profile.reload();
  };
  return (
    <Form
      task={task}
      label={t("about")}
      general={general}
      attempt={task.problem ?? wrongTag}
      button={t("save")}
      kind={Object.keys(typed).length > 0 ? "primary" : "plain"}
      disabled={Object.keys(typed).length === 0}
      onSubmit={() => void save()}
    >
      <Field
        label={t("displayName")}
        hint={t("displayNameHint")}
        autocomplete="name"
        maxLength={150}
        dir="auto"
        value={typed.display_name ?? person.display_name}
        onValue={(display_name) => type({ display_name })}
        error={fields.display_name ?? null}
      />
      <LanguageField
        hint={t("languageHint")}
        value={typed.language ?? person.language}
        onValue={(language) => type({ language })}
        error={wrongTag ? t("languageTagWrong") : fields.language}
      />
    </Form>
  );
}
