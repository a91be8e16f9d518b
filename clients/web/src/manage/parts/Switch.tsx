import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Below, descriptionOf } from "../../shared/components";

interface SwitchProps {
  label: string;
  hint?: ComponentChildren;
  checked: boolean;
  disabled?: boolean;
  error?: string | undefined;
  onChange(checked: boolean): void;
}

/** Yes or no. */
export function Switch({ label, hint, checked, disabled, error, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch-field">
      <label class="switch-line" for={id}>
        <input
          id={id}
          type="checkbox"
          role="switch"
          class="switch"
          checked={checked}
          disabled={disabled}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={descriptionOf(id, { hint, error })}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      <Below id={id} hint={hint} error={error} />
    </div>
  );
}
