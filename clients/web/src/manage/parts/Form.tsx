import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button, Notice } from "../../shared/components";
import { t as shared } from "../../shared/texts";
import type { Task } from "../resource";
import { t } from "../texts";

interface FormProps {
  task: Task;
  /** What is wrong with no single field. */
  general?: string | null;
  /** Anything that changes when errors of fields come: the first wrong one gets the focus then. */
  attempt?: unknown;
  label?: string;
  button: string;
  /** What the button is called to those who hear it; the form's own name makes it unique. */
  buttonLabel?: string;
  /** What a success is announced with; nothing when something else says it. */
  done?: string;
  disabled?: boolean;
  kind?: "primary" | "danger" | "plain";
  onSubmit(): void;
  onCancel?: (() => void) | undefined;
  cancelText?: string;
  cancelLabel?: string;
  children: ComponentChildren;
}

/** Fields, with a button that sends them and a line that says how it went. */
export function Form(props: FormProps) {
  const { task, general, attempt, disabled } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (attempt) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [attempt]);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!task.busy && !disabled) props.onSubmit();
  };
  return (
    <form ref={form} class="form" noValidate aria-label={props.label} onSubmit={onSubmit}>
      {props.children}
      {general && (
        <Notice tone="danger">
          <bdi>{general}</bdi>
        </Notice>
      )}
      <div class="form-end">
        <Button
          kind={props.kind ?? "primary"}
          type="submit"
          busy={task.busy}
          disabled={disabled === true}
          aria-label={props.buttonLabel}
        >
          {props.button}
        </Button>
        {props.onCancel && (
          <Button kind="quiet" disabled={task.busy} aria-label={props.cancelLabel} onClick={props.onCancel}>
            {props.cancelText ?? shared("cancel")}
          </Button>
        )}
        <p class="form-done" role="status">
          {task.done && (props.done ?? t("saved"))}
        </p>
      </div>
    </form>
  );
}
