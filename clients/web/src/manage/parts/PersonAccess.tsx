import { useRef, useState } from "preact/hooks";
import { Button, Confirm, Dialog, Field, Notice } from "../../shared/components";
import { account, me } from "../../shared/session";
import { t as shared } from "../../shared/texts";
import type { User } from "../api";
import { sentenceOf } from "../problems";
import { useTask, type Resource } from "../resource";
import { hashOf } from "../routes";
import { t } from "../texts";
import { Card } from "./Card";
import { isolated, startOf } from "./Text";
import { announce } from "./Toast";

/** Whether a person may sign in. */
export function PersonAccess({ path, person, user }: { path: string; person: Resource<User>; user: User }) {
  const [asked, ask] = useState(false);
  const task = useTask();
  const name = startOf(user.name);
  const allow = async (active: boolean) => {
    await task.run(async () => {
      const { data, etag } = await account.request<User>("PATCH", path, { body: { active } });
      person.replace(data, etag);
      announce(active ? t("personIsEnabled", { name }) : t("personIsDisabled", { name }));
    });
    ask(false);
  };
  return (
    <Card title={t("access")} lead={t("accessLead")}>
      {task.problem && (
        <Notice tone="danger">
          <bdi>{sentenceOf(task.problem)}</bdi>
        </Notice>
      )}
      <div class="form-end">
        {user.active ? (
          <Button disabled={task.busy} onClick={() => ask(true)}>
            {t("personDisable")}
          </Button>
        ) : (
          <Button kind="primary" busy={task.busy} onClick={() => void allow(true)}>
            {t("personEnable")}
          </Button>
        )}
      </div>
      <Confirm
        open={asked}
        title={t("personDisable")}
        action={t("personDisable")}
        danger
        busy={task.busy}
        onYes={() => void allow(false)}
        onNo={() => ask(false)}
      >
        <p>
          <bdi>{t("personDisableAsk", { name })}</bdi>
        </p>
        {user.id === me.value?.id && <p>{t("personDisableSelf")}</p>}
      </Confirm>
    </Card>
  );
}

/** Deletes a person, after their name was typed. */
export function DeletePerson({ path, user }: { path: string; user: User }) {
  const [asked, ask] = useState(false);
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const task = useTask();
  const close = () => {
    ask(false);
    setTyped("");
    setWrong(false);
    task.reset();
  };
  const remove = async (event: Event) => {
    event.preventDefault();
    const same = typed.trim().normalize("NFKC") === user.name.trim();
    setWrong(!same);
    if (!same) return field.current?.focus();
    await task.run(async () => {
      await account.request("DELETE", path);
      announce(t("personDeleted", { name: startOf(user.name) }));
      location.hash = hashOf({ page: "people" });
    });
  };
  const actions = (
    <>
      <Button onClick={close}>{shared("cancel")}</Button>
      <Button kind="danger" type="submit" form="delete-person" busy={task.busy}>
        {t("delete")}
      </Button>
    </>
  );
  return (
    <Card title={t("personDelete")} lead={t("personDeleteLead")} tone="danger">
      <div class="form-end">
        <Button class="danger-line" onClick={() => ask(true)}>
          {t("personDelete")}…
        </Button>
      </div>
      <Dialog open={asked} title={t("personDelete")} onClose={close} actions={actions}>
        <form id="delete-person" class="form" noValidate onSubmit={(event) => void remove(event)}>
          <p>{t("personDeleteLead")}</p>
          {task.problem && (
            <Notice tone="danger">
              <bdi>{sentenceOf(task.problem)}</bdi>
            </Notice>
          )}
          <Field
            label={t("personDeleteType", { name: isolated(user.name) })}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            dir="auto"
            autoFocus
            inputRef={field}
            value={typed}
            onValue={(text) => {
              setTyped(text);
              setWrong(false);
            }}
            error={wrong ? t("personDeleteDiffers") : null}
          />
        </form>
      </Dialog>
    </Card>
  );
}
