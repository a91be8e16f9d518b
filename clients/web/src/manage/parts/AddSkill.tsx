import type { Problem } from "@pytlas/client";
import { useState } from "preact/hooks";
import { Button, Field, Notice } from "../../shared/components";
import { placed } from "../problems";
import { t } from "../texts";
import { Card } from "./Card";

interface AddSkillProps {
  busy: boolean;
  problem: Problem | null;
  onAdd(source: string): Promise<Problem | null>;
}

/** Fetches a skill with git. */
export function AddSkill({ busy, problem, onAdd }: AddSkillProps) {
  const [source, setSource] = useState("");
  const [missing, setMissing] = useState(false);
  const { fields } = placed(problem?.code === "invalid-request" ? problem : null, ["source"]);
  const add = async (event: Event) => {
    event.preventDefault();
    setMissing(source.trim() === "");
    if (source.trim() === "" || busy) return;
    if ((await onAdd(source.trim())) === null) setSource("");
  };
  return (
    <Card title={t("skillAdd")} lead={t("skillAddLead")}>
      <form class="form line" noValidate aria-label={t("skillAdd")} onSubmit={(event) => void add(event)}>
        <Field
          label={t("skillSource")}
          hint={t("skillSourceHint")}
          maxLength={1024}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={source}
          onValue={(text) => {
            setSource(text);
            setMissing(false);
          }}
          error={missing ? t("required") : (fields.source ?? null)}
        />
        <Button kind="primary" type="submit" disabled={busy}>
          {t("skillAddButton")}
        </Button>
      </form>
    </Card>
  );
}

/** Why skills cannot be added here, and how to allow it. */
export function NotEnabled() {
  return (
    <Notice tone="warning">
      <p>
        <strong>{t("notEnabled")}</strong>
      </p>
      <p>{t("notEnabledWhy")}</p>
      <pre class="snippet">{"[server]\nskill_installation = yes"}</pre>
      <p>{t("notEnabledElse")}</p>
      <pre class="snippet">{"pytlas-wamp skills add owner/repository"}</pre>
    </Notice>
  );
}
