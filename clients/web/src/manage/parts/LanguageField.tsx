import { useId, useState } from "preact/hooks";
import { Field } from "../../shared/components";
import type { Skill } from "../api";
import { languageName } from "../format";
import { choicesOf } from "../languages";
import { useResource } from "../resource";
import { t } from "../texts";

interface LanguageFieldProps {
  value: string;
  hint?: string;
  error?: string | undefined;
  onValue(value: string): void;
}

const ELSE = "else";

/** Chooses a language, those that the assistant understands first; any other one by its tag. */
export function LanguageField({ value, hint, error, onValue }: LanguageFieldProps) {
  const id = useId();
  const [other, setOther] = useState(false);
  const skills = useResource<{ skills: Skill[] }>("/api/skills");
  const choices = choicesOf(skills.data?.skills ?? [], other ? "en-US" : value);
  const described = [error && !other && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  const choose = (chosen: string) => {
    setOther(chosen === ELSE);
    onValue(chosen === ELSE ? "" : chosen);
  };
  const option = (tag: string) => (
    <option key={tag} value={tag} selected={!other && tag === value}>
      {languageName(tag)}
    </option>
  );
  return (
    <>
      <div class={error && !other ? "field wrong" : "field"}>
        <label for={id}>{t("language")}</label>
        <div class="input-frame select">
          <select
            id={id}
            aria-invalid={error && !other ? "true" : undefined}
            aria-describedby={described}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {choices.understood.length > 0 && (
              <optgroup label={t("languageUnderstood")}>{choices.understood.map(option)}</optgroup>
            )}
            <optgroup label={t("languageOther")}>
              {choices.others.map(option)}
              <option value={ELSE} selected={other}>
                {t("languageElse")}
              </option>
            </optgroup>
          </select>
        </div>
        {hint && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
        {error && !other && (
          <p class="field-error" id={`${id}-error`}>
            {error}
          </p>
        )}
      </div>
      {other && (
        <Field
          label={t("languageTag")}
          hint={t("languageTagHint")}
          error={error}
          value={value}
          onValue={onValue}
          autocapitalize="none"
          spellcheck={false}
          autoFocus
        />
      )}
    </>
  );
}
