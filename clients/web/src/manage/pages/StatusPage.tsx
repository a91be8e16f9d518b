import { useEffect } from "preact/hooks";
import { Notice } from "../../shared/components";
import type { Status } from "../api";
import { count, dateTime, duration, languageName } from "../format";
import { Badge, Card, Facts } from "../parts/Card";
import { Loaded } from "../parts/Loaded";
import { Name, Text } from "../parts/Text";
import { sentenceOf } from "../problems";
import { useResource } from "../resource";
import { t, type Key } from "../texts";

const EVERY_MS = 5000;

/** How the server is, for administrators. */
export function StatusPage() {
  const status = useResource<Status>("/api/status");
  const { reload } = status;
  useEffect(() => {
    const look = () => {
      if (!document.hidden) void reload();
    };
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [reload]);
  // A server that is away for a moment leaves what was seen last.
  const shown = status.data ? { ...status, problem: null } : status;
  return (
    <Loaded from={shown}>
      {(data) => (
        <>
          {status.problem && (
            <Notice tone="warning">
              <bdi>{t("statusStale", { problem: sentenceOf(status.problem) })}</bdi>
            </Notice>
          )}
          <Tiles status={data} />
          <Interpreters status={data} />
          <Breakers status={data} />
          <Errors status={data} />
          <Versions status={data} />
        </>
      )}
    </Loaded>
  );
}

function Tiles({ status }: { status: Status }) {
  const tiles: [string, string, string?][] = [
    [t("statusConversations"), count(status.conversations)],
    [t("statusConnections"), count(status.connections)],
    [
      t("statusUptime"),
      duration(status.uptime_seconds),
      t("statusUptimeSince", { when: dateTime(status.started_at) }),
    ],
  ];
  return (
    <dl class="tiles">
      {tiles.map(([name, value, more]) => (
        <div class="tile" key={name}>
          <dt>{name}</dt>
          <dd class="tile-value">{value}</dd>
          {more && <dd class="soft">{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

const STATES: Record<string, readonly [Key, "success" | "accent" | "danger"]> = {
  ready: ["stateReady", "success"],
  learning: ["stateLearning", "accent"],
  failed: ["stateFailed", "danger"],
};

function Interpreters({ status }: { status: Status }) {
  return (
    <Card title={t("statusInterpreters")} lead={<bdi>{t("statusInterpreterName", { name: status.interpreter })}</bdi>}>
      {status.interpreters.length === 0 ? (
        <p class="empty">{t("statusInterpretersNone")}</p>
      ) : (
        <ul class="rows" aria-label={t("statusInterpreters")}>
          {status.interpreters.map((one) => {
            const [word, tone] = STATES[one.state] ?? ["stateFailed", "danger"];
            return (
              <li class="row" key={one.language}>
                <div class="row-text">
                  <p class="row-name">
                    <Name>{languageName(one.language)}</Name>
                    <Badge tone={tone}>{t(word)}</Badge>
                  </p>
                  <p class="soft">
                    {count(one.intents)} {t("statusIntents").toLocaleLowerCase()}
                    {one.trained_at !== null && (
                      <>
                        {" · "}
                        {t("statusLearnt")}{" "}
                        {t("statusLearntIn", {
                          seconds: count(one.trained_seconds ?? 0, 2),
                          when: dateTime(one.trained_at),
                        })}
                      </>
                    )}
                  </p>
                  {one.error && (
                    <p class="field-error">
                      <Text>{one.error}</Text>
                    </p>
                  )}
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function Breakers({ status }: { status: Status }) {
  const breakers = status.breakers ?? [];
  return (
    <Card title={t("statusBreakers")}>
      {breakers.length === 0 ? (
        <p class="empty">{t("statusBreakersNone")}</p>
      ) : (
        <ul class="rows" aria-label={t("statusBreakers")}>
          {breakers.map((one) => (
            <li class="row" key={one.skill}>
              <div class="row-text">
                <p class="row-name">
                  <Name>{one.skill}</Name>
                </p>
                <p class="soft">
                  {t(one.state === "open" ? "statusBreaker" : "statusBreakerTrying", {
                    failures: count(one.failures),
                    seconds: count(Math.ceil(one.retry_after)),
                  })}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Errors({ status }: { status: Status }) {
  return (
    <Card title={t("statusErrors")}>
      {status.errors.length === 0 ? (
        <p class="empty">{t("statusErrorsNone")}</p>
      ) : (
        <ol class="rows" aria-label={t("statusErrors")}>
          {[...status.errors].reverse().map((error, index) => (
            <li class="row" key={`${error.time}-${index}`}>
              <div class="row-text">
                <p class="soft">
                  <time dateTime={error.time}>{dateTime(error.time)}</time>
                </p>
                <p class="trace">
                  <Text limit={1000}>{error.text}</Text>
                </p>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Versions({ status }: { status: Status }) {
  return (
    <Card title={t("statusVersions")}>
      <Facts
        facts={[
          [status.server.name, status.server.version],
          [t("statusProtocol"), status.protocol],
          [t("statusDatabase"), status.database],
          ["pytlas", status.pytlas],
          ["Python", status.python],
          ["Twisted", status.twisted],
          ["Autobahn", status.autobahn],
        ]}
      />
    </Card>
  );
}
