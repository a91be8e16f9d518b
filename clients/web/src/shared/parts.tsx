/** Small parts of all pages: buttons, notices, dialogs, menus. */
import type { ButtonHTMLAttributes, ComponentChildren, Ref } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { AlertIcon, CheckIcon, CloseIcon, InfoIcon } from "./icons";
import { t } from "./texts";

type ButtonKind = "primary" | "plain" | "quiet" | "danger";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "ref"> {
  kind?: ButtonKind;
  /** At work: says so, and cannot be pressed again. */
  busy?: boolean;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "plain", busy, buttonRef, children, class: extra, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={`button ${kind}${extra ? ` ${extra}` : ""}`}
      disabled={rest.disabled || busy}
      aria-busy={busy ? "true" : undefined}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

/** A button that is only a picture; `label` is its name. */
export function IconButton({ label, class: extra, ...rest }: ButtonProps & { label: string }) {
  return (
    <Button kind="quiet" {...rest} class={`icon-button${extra ? ` ${extra}` : ""}`} aria-label={label} title={label} />
  );
}

export function Spinner({ label }: { label?: string }) {
  return <span class="spinner" role={label ? "status" : undefined} aria-label={label} />;
}

type Tone = "info" | "success" | "warning" | "danger";

/** Something the person should know; warnings and dangers are announced at once. */
export function Notice({ tone = "info", children }: { tone?: Tone; children: ComponentChildren }) {
  const urgent = tone === "danger" || tone === "warning";
  return (
    <div class={`notice ${tone}`} role={urgent ? "alert" : "status"}>
      {tone === "success" ? <CheckIcon /> : urgent ? <AlertIcon /> : <InfoIcon />}
      <div class="notice-text">{children}</div>
    </div>
  );
}

export interface DialogProps {
  open: boolean;
  title: string;
  onClose(): void;
  children: ComponentChildren;
  /** The buttons at the end. */
  actions?: ComponentChildren;
}

/** A modal dialog: keeps the focus, closes by Escape, and gives the focus back. */
export function Dialog({ open, title, onClose, children, actions }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything is drawn: else it would stand there without a name for a moment.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) element.showModal();
    if (!open && element.open) element.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onClose={() => open && onClose()}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      {open && (
        <div class="dialog-body">
          <div class="dialog-head">
            <h2 id={id}>{title}</h2>
            <IconButton label={t("close")} onClick={onClose}>
              <CloseIcon />
            </IconButton>
          </div>
          <div class="dialog-text">{children}</div>
          {actions && <div class="dialog-actions">{actions}</div>}
        </div>
      )}
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export function Confirm(props: {
  open: boolean;
  title: string;
  children: ComponentChildren;
  action: string;
  danger?: boolean;
  busy?: boolean;
  onYes(): void;
  onNo(): void;
}) {
  return (
    <Dialog
      open={props.open}
      title={props.title}
      onClose={props.onNo}
      actions={
        <>
          <Button onClick={props.onNo}>{t("cancel")}</Button>
          <Button kind={props.danger ? "danger" : "primary"} busy={props.busy} onClick={props.onYes}>
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
    </Dialog>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** A button that opens a menu of `MenuItem`s, with arrows, Home, End and Escape. */
export function Menu({ label, face, children }: { label: string; face: ComponentChildren; children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];

  useEffect(() => {
    if (!open) return;
    items()[0]?.focus();
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    event.stopPropagation();
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = STEPS[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all.at(-1)?.focus();
    else if (step) all[(at + step + all.length) % all.length]?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class="menu-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <div
          class="menu-list"
          id={id}
          role="menu"
          aria-label={label}
          onClick={(event) => (event.target as Element).closest("[data-closes]") && close()}
        >
          {children}
        </div>
      )}
    </div>
  );
}

/** One line of a menu: a link with `href`, a switch with `checked`, one of several with `radio`. */
export function MenuItem(props: {
  children: ComponentChildren;
  href?: string;
  checked?: boolean;
  radio?: boolean;
  danger?: boolean;
  onChoose?(): void;
}) {
  const { children, href, checked, radio, danger, onChoose } = props;
  const look = danger ? "menu-item danger" : "menu-item";
  if (href !== undefined) {
    return (
      <a class={look} role="menuitem" tabIndex={-1} href={href}>
        {children}
      </a>
    );
  }
  const switchable = checked !== undefined;
  return (
    <button
      type="button"
      class={look}
      role={radio ? "menuitemradio" : switchable ? "menuitemcheckbox" : "menuitem"}
      aria-checked={switchable ? checked : undefined}
      tabIndex={-1}
      data-closes={switchable ? undefined : ""}
      onClick={onChoose}
    >
      <span>{children}</span>
      {checked && <CheckIcon />}
    </button>
  );
}

/** A heading over some lines of a menu, which belong together. */
export function MenuGroup({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="menu-group" role="group" aria-label={label}>
      <p aria-hidden="true">{label}</p>
      {children}
    </div>
  );
}
