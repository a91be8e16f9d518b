/** Fields of forms. The chat has none, so they are apart from the other parts. */
import type { ComponentChildren, LooseInputHTMLAttributes, Ref } from "preact";
import { useId, useState } from "preact/hooks";
import { EyeIcon, EyeOffIcon } from "./icons";
import { IconButton } from "./parts";
import { t } from "./texts";

interface Described {
  label: string;
  hint?: ComponentChildren;
  /** What is wrong with the value; shown below, and announced with the field. */
  error?: string | null;
}

/** Which of the two below a field describes it. */
export function descriptionOf(id: string, { hint, error }: Pick<Described, "hint" | "error">): string | undefined {
  return error ? `${id}-error` : hint ? `${id}-hint` : undefined;
}

/** What stands below a field: what is wrong with it, or else what it is for. */
export function Below({ id, hint, error }: Pick<Described, "hint" | "error"> & { id: string }) {
  if (!error && !hint) return null;
  return (
    <p class={error ? "field-error" : "hint"} id={descriptionOf(id, { hint, error })}>
      {error || hint}
    </p>
  );
}

function Around({ id, label, hint, error, children }: Described & { id: string; children: ComponentChildren }) {
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id}>{label}</label>
      {children}
      <Below id={id} hint={hint} error={error} />
    </div>
  );
}

export interface FieldProps
  extends Described,
    Omit<LooseInputHTMLAttributes, "role" | "label" | "value" | "onInput" | "id" | "ref"> {
  value: string;
  onValue(value: string): void;
  inputRef?: Ref<HTMLInputElement>;
  /** What stands beside the field, inside its frame. */
  after?: ComponentChildren;
}

/** A text field with its label, hint and error. */
export function Field({ label, hint, error, value, onValue, inputRef, after, ...rest }: FieldProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <div class="input-frame">
        <input
          {...(rest as object)}
          id={id}
          ref={inputRef}
          value={value}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={descriptionOf(id, { hint, error })}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        {after}
      </div>
    </Around>
  );
}

/** A field for a password, which can be shown. */
export function PasswordField(props: FieldProps) {
  const [shown, show] = useState(false);
  return (
    <Field
      autocapitalize="none"
      spellcheck={false}
      {...props}
      type={shown ? "text" : "password"}
      after={
        <IconButton
          class="in-field"
          label={shown ? t("hidePassword") : t("showPassword")}
          aria-pressed={shown}
          onClick={() => show(!shown)}
        >
          {shown ? <EyeOffIcon /> : <EyeIcon />}
        </IconButton>
      }
    />
  );
}

export interface SelectFieldProps extends Described {
  value: string;
  options: readonly { value: string; label: string }[];
  onValue(value: string): void;
  disabled?: boolean;
}

export function SelectField({ label, hint, error, value, options, onValue, disabled }: SelectFieldProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <div class="input-frame select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={descriptionOf(id, { hint, error })}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
      </div>
    </Around>
  );
}
