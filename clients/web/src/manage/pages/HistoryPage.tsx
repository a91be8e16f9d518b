import { SignInNeeded, type Problem } from "@pytlas/client";
import { Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Confirm, Notice, Spinner } from "../../shared/components";
import { account, asProblem } from "../../shared/session";
import { dateTime } from "../format";
import { Card } from "../parts/Card";
import { Text } from "../parts/Text";
import { announce } from "../parts/Toast";
import { sentenceOf } from "../problems";
import { linesOf, type Line } from "../said";
import { useTask } from "../resource";
import { t } from "../texts";

interface Pages {
  /** Oldest first. */
  lines: readonly Line[];
  before: number | null;
}

/** What the server keeps of one's conversation, and how to have it deleted. */
export function HistoryPage() {
  const [pages, setPages] = useState<Pages | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, ask] = useState(false);
  const older = useTask();
  const task = useTask();
  const read = async (before?: number) => {
    const page = await account.history({ limit: 200, ...(before !== undefined && { before }) });
    const lines = linesOf(page.frames);
    setPages((known) => ({ before: page.before, lines: before === undefined ? lines : [...lines, ...(known?.lines ?? [])] }));
  };
  useEffect(() => {
    read().catch((failure: unknown) => failure instanceof SignInNeeded || setProblem(asProblem(failure)));
  }, []);
  const remove = async () => {
    await task.run(async () => {
      await account.request("DELETE", "/api/me/history");
      setPages({ lines: [], before: null });
      announce(t("historyDeleted"));
    });
    ask(false);
  };
  const failed = problem ?? older.problem ?? task.problem;
  const before = pages?.before ?? null;
  return (
    <Card
      title={t("historyMine")}
      lead={t("historyLead")}
      aside={
        pages &&
        pages.lines.length > 0 && (
          <Button class="danger-line" onClick={() => ask(true)}>
            {t("historyDelete")}
          </Button>
        )
      }
    >
      {failed && (
        <Notice tone={failed.code === "not-enabled" ? "info" : "danger"}>
          <bdi>{failed.code === "not-enabled" ? t("historyOff") : sentenceOf(failed)}</bdi>
        </Notice>
      )}
      {!pages && !failed && (
        <div class="waiting">
          <Spinner label={t("loading")} />
        </div>
      )}
      {before !== null && (
        <div class="form-end">
          <Button busy={older.busy} onClick={() => void older.run(() => read(before))}>
            {t("historyOlder")}
          </Button>
        </div>
      )}
      {pages && pages.lines.length === 0 && <p class="empty">{t("historyNone")}</p>}
      {pages && pages.lines.length > 0 && <Lines lines={pages.lines} />}
      <Confirm
        open={asked}
        title={t("historyDelete")}
        action={t("historyDelete")}
        danger
        busy={task.busy}
        onYes={() => void remove()}
        onNo={() => ask(false)}
      >
        <p>{t("historyDeleteAsk")}</p>
      </Confirm>
    </Card>
  );
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <ol class="rows said" aria-label={t("pageHistory")}>
      {lines.map((line) => (
        <li class={`row ${line.who}`} key={line.seq}>
          <div class="row-text">
            <p class="soft">
              {line.who === "you" ? t("historyYou") : t("historyAssistant")} ·{" "}
              <time dateTime={line.at}>{dateTime(line.at)}</time>
            </p>
            <p>
              {line.texts.map((text, index) => (
                <Fragment key={index}>
                  {index > 0 && " · "}
                  <Text>{text}</Text>
                </Fragment>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
