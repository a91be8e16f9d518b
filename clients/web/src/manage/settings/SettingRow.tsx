import { useId } from "preact/hooks";
import { Button } from "../../shared/components";
import type { SettingField } from "../api";
import { Badge } from "../parts/Card";
import { isolated, startOf, Text } from "../parts/Text";
import { t } from "../texts";
import { changeOf, cleared, drafted, isOvertaken, isOwn, isTold, isUnreadable, textOf, type Draft } from "./model";
import { SettingInput } from "./SettingInput";

interface SettingRowProps {
  field: SettingField;
  label: string;
  own: boolean;
  draft: Draft | undefined;
  error: string | null;
  onDraft(draft: Draft | undefined): void;
  onLeave(): void;
}

/** One setting: its input, what it is for, where its value comes from, and how to take that away. */
export function SettingRow({ field, label, own, draft, error, onDraft, onLeave }: SettingRowProps) {
  const id = useId();
  const short = startOf(label);
  const notes = notesOf(field, draft);
  const described = [
    error && `${id}-error`,
    field.description && `${id}-about`,
    notes.length > 0 && `${id}-notes`,
    `${id}-source`,
  ];
  const clearable = isOwn(field);
  return (
    <div class={`field setting${error ? " wrong" : ""}`}>
      <div class="setting-head">
        <label for={id}>
          <bdi>{startOf(label, 200)}</bdi>
        </label>
        <span id={`${id}-source`} class="setting-source">
          <Source field={field} own={own} draft={draft} />
        </span>
      </div>
      {field.description && (
        <p class="hint" id={`${id}-about`}>
          <Text limit={300}>{field.description}</Text>
        </p>
      )}
      <div class="setting-line">
        <SettingInput
          id={id}
          field={field}
          label={short}
          text={draft ? draft.text : textOf(field)}
          disabled={draft?.clear ?? false}
          invalid={error !== null}
          describedBy={described.filter(Boolean).join(" ")}
          onText={(text) => onDraft(drafted(field, draft, text))}
          onLeave={onLeave}
        />
        {clearable && draft?.clear && (
          <Button aria-label={t("settingUndoNamed", { name: short })} onClick={() => onDraft(undefined)}>
            {t("settingUndo")}
          </Button>
        )}
        {clearable && !draft?.clear && (
          <Button
            kind="quiet"
            aria-label={t("settingClearNamed", { name: short })}
            onClick={() => onDraft(cleared(field))}
          >
            {t("settingClear")}
          </Button>
        )}
      </div>
      {notes.length > 0 && (
        <div class="hint" id={`${id}-notes`}>
          {notes.map((note) => (
            <p key={note}>
              <Text limit={300}>{note}</Text>
            </p>
          ))}
        </div>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Text>{error}</Text>
        </p>
      )}
      <code class="setting-key">{startOf(field.key, 140)}</code>
    </div>
  );
}

function notesOf(field: SettingField, draft: Draft | undefined): string[] {
  const notes: string[] = [];
  if (draft?.clear) notes.push(t("settingClearing"));
  if (field.type === "list") notes.push(t("settingListHint"));
  if (field.secret) notes.push(t("settingSecretHint"));
  if (!field.secret && !isTold(field)) notes.push(t("settingHidden"));
  if (isUnreadable(field) && !draft) notes.push(t("settingUnreadable"));
  if (isOvertaken(field, draft)) notes.push(t("settingNow", { value: isolated(textOf(field) || t("settingNothing")) }));
  return notes;
}

function Source({ field, own, draft }: { field: SettingField; own: boolean; draft: Draft | undefined }) {
  return (
    <>
      {changeOf(field, draft).kind !== "none" && <Badge tone="warning">{t("settingUnsaved")}</Badge>}
      {field.secret && field.set && <Badge tone="success">{t("settingSet")}</Badge>}
      {!field.set && <Badge>{t("settingUnset")}</Badge>}
      {field.set && field.source === "user" && (
        <span class="soft">{own ? t("settingFromUser") : t("settingFromPerson")}</span>
      )}
      {field.source === "environment" && <span class="soft">{t("settingFromEnvironment")}</span>}
      {field.source === "file" && <span class="soft">{t("settingFromFile")}</span>}
    </>
  );
}
