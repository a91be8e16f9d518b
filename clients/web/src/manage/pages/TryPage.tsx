import { useState } from "preact/hooks";
import { Button, Field, Notice, SelectField } from "../../shared/components";
import { account, me } from "../../shared/session";
import type { Skill, Understanding } from "../api";
import { languageName } from "../format";
import { choicesOf } from "../languages";
import { Badge, Card } from "../parts/Card";
import { Text } from "../parts/Text";
import { sentenceOf } from "../problems";
import { useResource, useTask } from "../resource";
import { t } from "../texts";

/** Shows what a sentence means to the assistant, for administrators. */
export function TryPage() {
  const skills = useResource<{ skills: Skill[] }>("/api/skills");
  const mine = me.value?.language ?? "en-US";
  const [sentence, setSentence] = useState("");
  const [language, setLanguage] = useState("");
  const [missing, setMissing] = useState(false);
  const [result, setResult] = useState<{ sentence: string; found: Understanding } | null>(null);
  const task = useTask();
  const choices = choicesOf(skills.data?.skills ?? [], mine);
  const options = [
    { value: "", label: `${t("tryMine")} – ${languageName(mine)}` },
    ...choices.understood.filter((tag) => tag !== mine).map((tag) => ({ value: tag, label: languageName(tag) })),
  ];
  const look = async (event: Event) => {
    event.preventDefault();
    setMissing(sentence.trim() === "");
    if (sentence.trim() === "" || task.busy) return;
    await task.run(async () => {
      const body = { sentence, ...(language && { language }) };
      const { data } = await account.request<Understanding>("POST", "/api/understand", { body });
      setResult({ sentence, found: data });
    });
  };
  const field = task.problem?.field;
  return (
    <>
      <Card title={t("tryTitle")} lead={t("tryLead")}>
        <form class="form" noValidate aria-label={t("pageTry")} onSubmit={(event) => void look(event)}>
          <Field
            label={t("trySentence")}
            dir="auto"
            autocomplete="off"
            maxLength={1_000}
            value={sentence}
            onValue={(text) => {
              setSentence(text);
              setMissing(false);
            }}
            error={missing ? t("required") : task.problem && field === "sentence" ? sentenceOf(task.problem) : null}
          />
          <SelectField
            label={t("language")}
            value={language}
            options={options}
            onValue={setLanguage}
            error={task.problem && field === "language" ? sentenceOf(task.problem) : null}
          />
          {task.problem && field !== "sentence" && field !== "language" && (
            <Notice tone="danger">
              <bdi>{task.problem.status === 404 ? t("tryMissing") : sentenceOf(task.problem)}</bdi>
            </Notice>
          )}
          <div class="form-end">
            <Button kind="primary" type="submit" busy={task.busy}>
              {t("tryButton")}
            </Button>
          </div>
        </form>
      </Card>
      <div aria-live="polite">{result && !task.problem && <Result {...result} />}</div>
    </>
  );
}

function Result({ sentence, found }: { sentence: string; found: Understanding }) {
  return (
    <Card
      title={<Text limit={120}>{sentence}</Text>}
      lead={languageName(found.language)}
      aside={
        found.understood ? (
          <Badge tone="success">{t("tryUnderstood")}</Badge>
        ) : (
          <Badge tone="warning">{t("tryNot")}</Badge>
        )
      }
    >
      {!found.understood && <p>{t("tryNotLead")}</p>}
      {found.intents.map((intent, index) => (
        <IntentView key={index} intent={intent} />
      ))}
      {found.explanation.length > 0 && (
        <>
          <h3>{t("tryWhy")}</h3>
          <ul class="why">
            {found.explanation.map((line, index) => (
              <li key={index}>
                <Text>{line}</Text>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function IntentView({ intent }: { intent: Understanding["intents"][number] }) {
  return (
    <div class="intent">
      <p>
        <span class="soft">{t("tryIntent")}</span>{" "}
        <code class="intent-name">
          <Text limit={200}>{intent.name}</Text>
        </code>
      </p>
      {intent.slots.length === 0 ? (
        <p class="soft">{t("trySlotsNone")}</p>
      ) : (
        <table class="slots">
          <thead>
            <tr>
              <th scope="col">{t("trySlot")}</th>
              <th scope="col">{t("trySlotValue")}</th>
              <th scope="col">{t("trySlotRaw")}</th>
            </tr>
          </thead>
          <tbody>
            {intent.slots.map((slot, index) => (
              <tr key={index}>
                <th scope="row">
                  <Text limit={100}>{slot.name}</Text>
                </th>
                <td>
                  <Text limit={300}>{slot.value}</Text>
                </td>
                <td>{slot.raw === null ? "–" : <Text limit={300}>{slot.raw}</Text>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
