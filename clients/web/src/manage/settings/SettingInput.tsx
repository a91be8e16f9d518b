import { useState } from "preact/hooks";
import { IconButton } from "../../shared/components";
import { EyeIcon, EyeOffIcon } from "../../shared/icons";
import type { SettingField } from "../api";
import { t } from "../texts";

interface SettingInputProps {
  id: string;
  field: SettingField;
  label: string;
  text: string;
  disabled: boolean;
  invalid: boolean;
  describedBy: string;
  onText(text: string): void;
  onLeave(): void;
}

const LONG_LINE = 120;

/** The input that fits the type of a setting. */
export function SettingInput(props: SettingInputProps) {
  const { field, text } = props;
  if (field.secret) return <SecretInput {...props} />;
  if (field.type === "boolean" && (text === "" || text === "true" || text === "false")) {
    return <BooleanInput {...props} />;
  }
  if (field.type === "list" || text.includes("\n") || text.length > LONG_LINE) return <LinesInput {...props} />;
  return (
    <div class="input-frame">
      <input
        {...shared(props)}
        // Not type="number": that one hides what was typed when it is no number.
        type="text"
        inputMode={KEYBOARDS[field.type] ?? "text"}
        class={field.type === "path" ? "code" : ""}
        value={text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </div>
  );
}

const KEYBOARDS: Partial<Record<SettingField["type"], "numeric" | "decimal">> = {
  integer: "numeric",
  number: "decimal",
};

function shared(props: SettingInputProps) {
  return {
    id: props.id,
    name: props.field.key,
    dir: "auto" as const,
    disabled: props.disabled,
    autocomplete: "off" as const,
    autocapitalize: "none" as const,
    spellcheck: false,
    "aria-invalid": props.invalid ? ("true" as const) : undefined,
    "aria-describedby": props.describedBy,
    onBlur: props.onLeave,
  };
}

function BooleanInput({ id, text, disabled, invalid, describedBy, onText }: SettingInputProps) {
  return (
    <span class="switch-line">
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={text === "true"}
        disabled={disabled}
        aria-invalid={invalid ? "true" : undefined}
        aria-describedby={describedBy}
        onChange={(event) => onText(String(event.currentTarget.checked))}
      />
      <span aria-hidden="true">{text === "true" ? t("yes") : t("no")}</span>
    </span>
  );
}

function LinesInput(props: SettingInputProps) {
  const rows = Math.min(10, Math.max(3, props.text.split("\n").length + 1));
  return (
    <div class="input-frame">
      <textarea
        {...shared(props)}
        rows={rows}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </div>
  );
}

function SecretInput(props: SettingInputProps) {
  const [shown, show] = useState(false);
  const name = shown ? t("settingHide", { name: props.label }) : t("settingShow", { name: props.label });
  return (
    <div class="input-frame">
      <input
        {...shared(props)}
        {...(shown ? { type: "text" } : { type: "password" })}
        // Else browsers fill in a password that they keep.
        autocomplete="new-password"
        placeholder={props.field.set ? t("settingSecretKeep") : undefined}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
      {props.text !== "" && (
        <IconButton class="in-field" label={name} aria-pressed={shown} onClick={() => show(!shown)}>
          {shown ? <EyeOffIcon /> : <EyeIcon />}
        </IconButton>
      )}
    </div>
  );
}
