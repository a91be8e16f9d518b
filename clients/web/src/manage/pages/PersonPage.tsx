import { useEffect, useState } from "preact/hooks";
import { Button, Notice } from "../../shared/components";
import { me } from "../../shared/session";
import type { User } from "../api";
import { date } from "../format";
import { subject } from "../heading";
import { Card, Facts } from "../parts/Card";
import { Loaded } from "../parts/Loaded";
import { Logins } from "../parts/Logins";
import { DeletePerson, PersonAccess } from "../parts/PersonAccess";
import { PersonForm } from "../parts/PersonForm";
import { PersonPassword } from "../parts/PersonPassword";
import { useResource } from "../resource";
import { hashOf } from "../routes";
import { Settings } from "../settings/Settings";
import { t } from "../texts";
import { PersonBadges } from "./PeoplePage";

/** One person, for administrators. */
export function PersonPage({ id }: { id: number }) {
  const path = `/api/users/${id}`;
  const person = useResource<User>(path);
  const back = (
    <p>
      <a class="back" href={hashOf({ page: "people" })}>
        <span aria-hidden="true">←</span> {t("peopleBack")}
      </a>
    </p>
  );
  const name = person.data?.name ?? null;
  useEffect(() => {
    subject.value = name;
    return () => void (subject.value = null);
  }, [name]);
  if (person.problem?.status === 404) {
    return (
      <>
        {back}
        <Notice tone="warning">{t("personGone")}</Notice>
      </>
    );
  }
  return (
    <>
      {back}
      <Loaded from={person}>
        {(user) => (
          <>
            <Card title={t("account")} aside={<PersonBadges user={user} />}>
              <Facts
                facts={[
                  ["ID", String(user.id)],
                  ...(user.created_at ? [[t("memberSince"), date(user.created_at)] as const] : []),
                ]}
              />
              <PersonForm path={path} person={person} user={user} />
            </Card>
            {user.id !== me.value?.id && <PersonPassword path={path} name={user.name} />}
            <PersonAccess path={path} person={person} user={user} />
            <Logins path={`${path}/logins`} name={user.name} version={Number(user.active)} />
            <PersonSettings path={`${path}/settings`} />
            <DeletePerson path={path} user={user} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** There may be many, and most visits are about something else. */
function PersonSettings({ path }: { path: string }) {
  const [shown, show] = useState(false);
  if (shown) {
    return (
      <>
        <h2 class="part">{t("settingsOf")}</h2>
        <Settings path={path} own={false} />
      </>
    );
  }
  return (
    <Card
      title={t("settingsOf")}
      lead={t("personSettingsLead")}
      aside={<Button onClick={() => show(true)}>{t("personSettingsShow")}</Button>}
    />
  );
}
