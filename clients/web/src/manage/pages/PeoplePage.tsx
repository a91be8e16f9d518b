import { useState } from "preact/hooks";
import { Button } from "../../shared/components";
import { me } from "../../shared/session";
import type { User } from "../api";
import { languageName } from "../format";
import { AddPerson } from "../parts/AddPerson";
import { Badge, Card } from "../parts/Card";
import { Loaded } from "../parts/Loaded";
import { Name } from "../parts/Text";
import { useResource } from "../resource";
import { hashOf } from "../routes";
import { t } from "../texts";

/** Who has an account, for administrators. */
export function PeoplePage() {
  const list = useResource<{ users: User[] }>("/api/users");
  const [adding, setAdding] = useState(false);
  const add = !adding && (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {t("personAdd")}
    </Button>
  );
  const added = () => {
    setAdding(false);
    void list.reload();
  };
  return (
    <>
      {adding && <AddPerson onAdded={added} onCancel={() => setAdding(false)} />}
      <Card title={t("peopleAll")} lead={t("peopleLead")} aside={add}>
        <Loaded from={list}>
          {({ users }) => (
            <ul class="rows" aria-label={t("pagePeople")}>
              {users.map((user) => (
                <PersonRow key={user.id} user={user} />
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
    </>
  );
}

function PersonRow({ user }: { user: User }) {
  return (
    <li class="row link-row">
      <a class="row-link" href={hashOf({ page: "person", id: user.id })}>
        <span class="avatar" aria-hidden="true">
          {[...user.name][0] ?? "?"}
        </span>
        <span class="row-text">
          <span class="row-name">
            <Name>{user.name}</Name>
            <PersonBadges user={user} />
          </span>
          <span class="soft">
            {user.display_name && (
              <>
                <Name>{user.display_name}</Name> ·{" "}
              </>
            )}
            {languageName(user.language)}
          </span>
        </span>
      </a>
    </li>
  );
}

/** What is special about a person. */
export function PersonBadges({ user }: { user: User }) {
  return (
    <>
      {user.id === me.value?.id && <Badge tone="accent">{t("personYou")}</Badge>}
      {user.admin && <Badge>{t("administrator")}</Badge>}
      {!user.active && <Badge tone="danger">{t("personDisabled")}</Badge>}
      {user.original && <Badge>{t("personOriginal")}</Badge>}
    </>
  );
}
