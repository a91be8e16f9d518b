/** Signing in, or making the first account of a server that is new. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Field, Notice, PasswordField, SelectField, Spinner, type FieldProps } from "./components";
import { Mark } from "./icons";
import { account, asProblem, endedBecause, explain, explainEnd } from "./session";
import { locale, localeOf, speak, t } from "./texts";

type Errors = Partial<Record<"code" | "username" | "password", string>>;

/** Puts a refusal where it belongs: at its field, or above the form. */
function placed(failure: unknown): { errors: Errors; general: string | null } {
  const problem = asProblem(failure);
  const says = explain(problem);
  if (problem.code === "wrong-code") return { errors: { code: says }, general: null };
  if (problem.code === "weak-password") return { errors: { password: says }, general: null };
  if (problem.code === "invalid-request" && problem.field === "username") {
    return { errors: { username: t("badName", { detail: problem.detail }) }, general: null };
  }
  return { errors: {}, general: says };
}

/** What a form of several fields needs: errors, being at work, focus on the first wrong field. */
function useForm(submit: () => Promise<void>, required: () => Errors) {
  const [errors, setErrors] = useState<Errors>({});
  const [general, setGeneral] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (Object.keys(errors).length) {
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }
  }, [errors]);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const missing = required();
    setErrors(missing);
    setGeneral(null);
    if (Object.keys(missing).length) return;
    setBusy(true);
    try {
      await submit();
    } catch (failure) {
      const place = placed(failure);
      setErrors(place.errors);
      setGeneral(place.general);
    } finally {
      setBusy(false);
    }
  };
  return { form, errors, general, busy, onSubmit };
}

function missing(fields: Errors): Errors {
  const found: Errors = {};
  for (const [name, value] of Object.entries(fields) as [keyof Errors, string][]) {
    if (!value.trim()) found[name] = t("fieldMissing");
  }
  return found;
}

function NameField(props: Pick<FieldProps, "value" | "onValue" | "error" | "autoFocus">) {
  return (
    <Field
      {...props}
      label={t("name")}
      name="username"
      autocomplete="username"
      autocapitalize="none"
      spellcheck={false}
    />
  );
}

function SignInForm({ lead }: { lead: string }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const { form, errors, general, busy, onSubmit } = useForm(
    () => account.signIn({ username, password }),
    () => missing({ username, password }),
  );
  return (
    <form ref={form} onSubmit={onSubmit} noValidate aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{t("signIn")}</h1>
      <p class="lead">{lead}</p>
      {general && <Notice tone="danger">{general}</Notice>}
      {!general && endedBecause.value && <Notice>{explainEnd(endedBecause.value)}</Notice>}
      <NameField autoFocus value={username} onValue={setUsername} error={errors.username} />
      <PasswordField
        label={t("password")}
        name="password"
        autocomplete="current-password"
        value={password}
        onValue={setPassword}
        error={errors.password}
      />
      <Button kind="primary" type="submit" class="wide" busy={busy}>
        {t("signIn")}
      </Button>
    </form>
  );
}

const LANGUAGES = [
  { value: "en-US", label: "English" },
  { value: "fr-FR", label: "Français" },
];

function SetUpForm() {
  const [code, setCode] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const language = locale.value === "fr" ? "fr-FR" : "en-US";
  const { form, errors, general, busy, onSubmit } = useForm(
    () => account.setUp({ code: code.trim(), username, password, language }),
    () => missing({ code, username, password }),
  );
  return (
    <form ref={form} onSubmit={onSubmit} noValidate aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{t("setUp")}</h1>
      <p class="lead">{t("setUpLead")}</p>
      {general && <Notice tone="danger">{general}</Notice>}
      <Field
        label={t("setUpCode")}
        name="code"
        class="code"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        autoFocus
        value={code}
        onValue={setCode}
        hint={t("setUpCodeHint")}
        error={errors.code}
      />
      <details class="explain">
        <summary>{t("setUpWhere")}</summary>
        <p>{t("setUpWhereText")}</p>
        <p>
          <code>{t("setUpWhereLine")}</code>
        </p>
      </details>
      <NameField value={username} onValue={setUsername} error={errors.username} />
      <PasswordField
        label={t("password")}
        name="password"
        autocomplete="new-password"
        value={password}
        onValue={setPassword}
        hint={t("setUpPasswordHint")}
        error={errors.password}
      />
      <SelectField
        label={t("language")}
        value={language}
        options={LANGUAGES}
        onValue={(chosen) => void speak(localeOf(chosen))}
      />
      <Button kind="primary" type="submit" class="wide" busy={busy}>
        {t("setUpButton")}
      </Button>
    </form>
  );
}

/** The whole page while nobody is signed in; `session.signedIn` tells when somebody is. */
export function SignIn({ lead }: { lead?: string }) {
  const [needed, setNeeded] = useState<boolean | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const look = () => {
    setFailure(null);
    account.setupNeeded().then(setNeeded, (problem) => {
      setFailure(explain(problem));
    });
  };
  useEffect(look, []);
  return (
    <main class="sign-in">
      <div class="sign-in-brand">
        <Mark size={40} />
        <span>{t("appName")}</span>
      </div>
      <div class="panel">
        {failure ? (
          <>
            <Notice tone="danger">{failure}</Notice>
            <Button class="wide" onClick={look}>
              {t("tryAgain")}
            </Button>
          </>
        ) : needed === null ? (
          <div class="waiting">
            <Spinner label={t("working")} />
          </div>
        ) : needed ? (
          <SetUpForm />
        ) : (
          <SignInForm lead={lead ?? t("signInLead")} />
        )}
      </div>
    </main>
  );
}
