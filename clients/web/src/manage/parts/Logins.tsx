import { useState } from "preact/hooks";
import { Button, Confirm, Notice } from "../../shared/components";
import { account, signOut } from "../../shared/session";
import type { Login } from "../api";
import { clientName } from "../clients";
import { ago, date, dateTime } from "../format";
import { sentenceOf } from "../problems";
import { useResource, useTask } from "../resource";
import { t } from "../texts";
import { Badge, Card } from "./Card";
import { Loaded } from "./Loaded";
import { isolated, Name, startOf, Text } from "./Text";
import { announce } from "./Toast";

interface LoginsProps {
  /** `/api/me/logins`, or that of a person. */
  path: string;
  /** Whose they are, when they are somebody else's. */
  name?: string;
  /** Changes when there may be another login. */
  version?: number;
}

type Asked = { login: Login } | "all" | null;

/** The logins of a person, and how to end them. */
export function Logins({ path, name, version = 0 }: LoginsProps) {
  return <LoginList key={version} path={path} {...(name !== undefined && { name })} />;
}

function LoginList({ path, name }: LoginsProps) {
  const list = useResource<{ logins: Login[] }>(path);
  const [asked, ask] = useState<Asked>(null);
  const task = useTask();
  const own = name === undefined;
  const end = async (what: Exclude<Asked, null>) => {
    const problem = await task.run(async () => {
      if (what === "all") await account.request("DELETE", path, own ? { query: { keep: "current" } } : {});
      else if (what.login.current) return signOut();
      else await account.request("DELETE", `${path}/${encodeURIComponent(what.login.id)}`);
    });
    ask(null);
    // Ended by somebody else in the meantime is ended as well.
    if (problem && problem.status !== 404) return;
    announce(what === "all" ? t("loginsEnded") : t("loginEnded"));
    await list.reload();
  };
  const choose = (login: Login) => {
    if (login.current || login.kind === "device") ask({ login });
    else void end({ login });
  };
  const logins = list.data?.logins ?? [];
  const others = logins.filter((login) => !login.current);
  const endAll = (
    <Button disabled={others.length === 0 || task.busy} onClick={() => ask("all")}>
      {own ? t("loginsEndOthers") : t("loginsEndAll")}
    </Button>
  );
  return (
    <Card title={own ? t("loginsMine") : t("logins")} lead={own ? t("loginsLead") : undefined} aside={endAll}>
      {task.problem && task.problem.status !== 404 && (
        <Notice tone="danger">
          <bdi>{sentenceOf(task.problem)}</bdi>
        </Notice>
      )}
      <Loaded from={list}>
        {() =>
          logins.length === 0 ? (
            <p class="empty">{t("loginsNone")}</p>
          ) : (
            <ul class="rows" aria-label={t("logins")}>
              {inOrder(logins).map((login) => (
                <LoginRow key={login.id} login={login} busy={task.busy} onEnd={() => choose(login)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Confirm
        open={asked !== null}
        title={asked === "all" ? (own ? t("loginsEndOthers") : t("loginsEndAll")) : t("loginEnd")}
        action={asked === "all" ? (own ? t("loginsEndOthers") : t("loginsEndAll")) : t("loginEnd")}
        danger
        busy={task.busy}
        onYes={() => asked && void end(asked)}
        onNo={() => ask(null)}
      >
        <p>
          <bdi>{asked && question(asked, name)}</bdi>
        </p>
      </Confirm>
    </Card>
  );
}

/** The one in use first, the others as they came. */
function inOrder(logins: readonly Login[]): Login[] {
  return [...logins].sort((one, other) => Number(other.current) - Number(one.current));
}

function question(asked: Exclude<Asked, null>, name: string | undefined): string {
  if (asked === "all") {
    return name === undefined ? t("loginsEndOthersAsk") : t("loginsEndAllAsk", { name: startOf(name) });
  }
  if (asked.login.current) return t("loginEndCurrentAsk");
  return t("loginEndDeviceAsk", { name: isolated(startOf(asked.login.client)) });
}

function LoginRow({ login, busy, onEnd }: { login: Login; busy: boolean; onEnd(): void }) {
  const called = clientName(login.client) || t("loginNameless");
  return (
    <li class="row">
      <div class="row-text">
        <p class="row-name">
          <span title={startOf(login.client, 300)}>
            <Name>{called}</Name>
          </span>
          {login.current && <Badge tone="accent">{t("loginCurrent")}</Badge>}
          {login.kind === "device" && <Badge>{t("loginDevice")}</Badge>}
        </p>
        <p class="soft">
          <time dateTime={login.seen_at} title={dateTime(login.seen_at)}>
            {t("loginSeen", { when: ago(login.seen_at) })}
          </time>
          {login.address && (
            <>
              {" "}
              <Text>{t("loginFrom", { address: login.address })}</Text>
            </>
          )}
        </p>
        <p class="soft">
          {t("loginSince")} {date(login.created_at)} · {t("loginUntil")} {date(login.expires_at)}
        </p>
      </div>
      <Button disabled={busy} aria-label={t("loginEndNamed", { name: startOf(called) })} onClick={onEnd}>
        {t("loginEnd")}
      </Button>
    </li>
  );
}
