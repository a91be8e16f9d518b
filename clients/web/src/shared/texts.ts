/** The words of the pages, in English and French; each page adds a table of its own. */
import { signal } from "@preact/signals";

export type Locale = "en" | "fr";
export type Table<Key extends string> = Readonly<Record<Key, string>>;
export type Values = Readonly<Record<string, string | number>>;

/** The language of the interface for a language tag: French for fr and fr-*, else English. */
export function localeOf(language: string | null | undefined): Locale {
  return /^fr\b/i.test(language ?? "") ? "fr" : "en";
}

/** What the interface speaks right now; change it by `speak`. A component that says something follows it. */
export const locale = signal<Locale>("en");

const loads: (() => Promise<void>)[] = [];

/** Speaks a language from now on, as soon as its words are there. */
export async function speak(wanted: Locale): Promise<void> {
  if (wanted === locale.value) return;
  try {
    if (wanted === "fr") await Promise.all(loads.map((load) => load()));
    locale.value = wanted;
  } catch {
    // Without the words it goes on in the language that it has.
  }
}

/** Puts values where `{name}` stands; a name without a value stays as it is. */
export function fill(sentence: string, values?: Values): string {
  if (!values) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/**
 * Makes a function that says a sentence of these tables in the present language. French may be
 * a promise of its table, so that only those load it who read it.
 */
export function speaker<Key extends string>(tables: {
  en: Table<Key>;
  fr: Table<Key> | (() => Promise<Table<Key>>);
}): (key: Key, values?: Values) => string {
  const { en: english, fr: french } = tables;
  let loaded = typeof french === "function" ? null : french;
  if (typeof french === "function") {
    loads.push(async () => {
      loaded ??= await french();
    });
  }
  return (key, values) => fill(((locale.value === "fr" && loaded) || english)[key], values);
}

export const en = {
  appName: "pytlas",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  tryAgain: "Try again",
  working: "Working…",
  menu: "Menu",
  skipToContent: "Skip to the content",

  signIn: "Sign in",
  signInLead: "Sign in to talk to your assistant.",
  name: "Name",
  password: "Password",
  showPassword: "Show the password",
  hidePassword: "Hide the password",
  signOut: "Sign out",
  signOutEverywhere: "Sign out everywhere",
  signOutEverywhereAsk:
    "All your logins end: this browser, your other browsers, phones and devices. You sign in again where you want to go on.",

  setUp: "Create the first account",
  setUpLead: "This server is new. Its first account belongs to whoever runs it.",
  setUpButton: "Create the account",
  setUpCode: "Setup code",
  setUpCodeHint: "It looks like k7mp-x3qd-9rtw.",
  setUpWhere: "Where do I find the code?",
  setUpWhereText:
    "The server prints it each time it starts, until there is an account. Look into the terminal in which it runs, or into its log, for this line:",
  setUpWhereLine: "… or over HTTP (POST /api/setup) with the setup code …",
  setUpPasswordHint: "A few words that belong to you alone do well.",
  language: "Language",

  endedExpired: "Your login has expired. Please sign in again.",
  endedRevoked: "This login was ended. Please sign in again.",
  endedDisabled: "Your account is disabled. Ask who runs the server.",
  endedOther: "Please sign in again.",

  fieldMissing: "Please fill this in.",
  wrongPassword: "The name or the password is not right.",
  wrongCode: "This is not the code that the server shows.",
  tooMany: "Too many attempts. Please wait {seconds} s and try again.",
  weakPassword: "This password is easy to guess. Take a longer one, a few words for example.",
  setUpDone: "There is an account already. Please sign in.",
  badName: "This name cannot be used: {detail}",
  unreachable: "The server cannot be reached. Is it running, and are you connected?",
  unavailable: "The server cannot answer right now. Please try again in a moment.",
  failed: "That did not work: {detail}",

  theme: "Appearance",
  themeSystem: "Like the system",
  themeLight: "Light",
  themeDark: "Dark",
} as const;

export type SharedKey = keyof typeof en;

/** Says a sentence that all pages share. */
export const t = speaker<SharedKey>({ en, fr: async () => (await import("./texts.fr")).fr });
