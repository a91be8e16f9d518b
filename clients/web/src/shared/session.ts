/** Who is signed in: one account for all pages and tabs of this browser. */
import { Account, BrowserTokenStore, Problem, SignInNeeded, type components } from "@pytlas/client";
import { effect, signal } from "@preact/signals";
import { locale, localeOf, speak, t } from "./texts";

export type Me = components["schemas"]["Me"];

export const account = new Account({
  server: location.origin,
  store: new BrowserTokenStore("pytlas-login"),
});

/** Whether there is a login, as far as this browser knows. */
export const signedIn = signal(account.signedIn);
/** Why the last login ended without being asked to, or null. */
export const endedBecause = signal<string | null>(null);
/** Who is signed in; null until it is known. */
export const me = signal<Me | null>(null);
/** Why it is not known, although there is a login. */
export const meProblem = signal<Problem | null>(null);

/** Asks the server who is signed in. What goes wrong stands in `meProblem`. */
export async function loadMe(): Promise<void> {
  try {
    const { data } = await account.request<Me>("GET", "/api/me");
    await speak(localeOf(data.language));
    meProblem.value = null;
    me.value = data;
  } catch (failure) {
    if (failure instanceof SignInNeeded) return;
    meProblem.value = asProblem(failure);
  }
}

/** What went wrong as a problem, whatever it was. */
export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  const detail = failure instanceof Error ? failure.message : String(failure);
  return new Problem({ status: 0, code: "internal-error", detail });
}

/** One sentence for people about what went wrong. */
export function explain(failure: unknown): string {
  const problem = asProblem(failure);
  switch (problem.code) {
    case "authentication-failed":
      return t("wrongPassword");
    case "wrong-code":
      return t("wrongCode");
    case "rate-limited":
      return t("tooMany", { seconds: Math.max(1, Math.ceil(problem.retryAfter ?? 30)) });
    case "weak-password":
      // What the server says names the reason, but in English.
      return locale.value === "en" && problem.detail ? problem.detail : t("weakPassword");
    case "setup-done":
      return t("setUpDone");
    case "unreachable":
      return t("unreachable");
    case "unavailable":
      return t("unavailable");
    default:
      return t("failed", { detail: problem.detail });
  }
}

/** One sentence for people about why a login ended. */
export function explainEnd(reason: string): string {
  if (reason.includes("expired")) return t("endedExpired");
  if (reason.includes("revoked") || reason === "authentication-failed") return t("endedRevoked");
  if (reason.includes("disabled")) return t("endedDisabled");
  return t("endedOther");
}

let leaving = false;

/** Ends this login, or all of them, and forgets it here whatever the server says. */
export async function signOut(everywhere = false): Promise<void> {
  leaving = true;
  try {
    await account.signOut({ everywhere });
  } finally {
    leaving = false;
  }
}

account.on("signed-in", () => {
  endedBecause.value = null;
  signedIn.value = true;
  void loadMe();
});
account.on("signed-out", (reason) => {
  const wanted = leaving || !reason || reason === "signed-out";
  endedBecause.value = wanted ? null : reason;
  signedIn.value = false;
  me.value = null;
});

effect(() => {
  if (me.value) void speak(localeOf(me.value.language));
});
effect(() => {
  document.documentElement.lang = locale.value;
});
/** Resolves when the page can be shown: in the browser's language until it is known who reads it. */
export const prepared: Promise<void> = speak(localeOf(navigator.language));
if (account.signedIn) void prepared.then(loadMe);
