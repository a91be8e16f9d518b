/** The words of the pages, in English and French; each page adds a table of its own. */
import { signal } from "@preact/signals";

export type Locale = "en" | "fr";
export type Table<Key extends string> = Readonly<Record<Key, string>>;
export type Values = Readonly<Record<string, string | number>>;

/** The language of the interface for a language tag: French for fr and fr-*, else English. */
export function localeOf(language: string | null | undefined): Locale {
  return /^fr\b/i.test(language ?? "") ? "fr" : "en";
}

/** What the interface speaks right now. A component that says something follows it. */
export const locale = signal<Locale>(
  localeOf(typeof navigator === "undefined" ? null : navigator.language),
);

/** Puts values where `{name}` stands; a name without a value stays as it is. */
export function fill(sentence: string, values?: Values): string {
  if (!values) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Makes a function that says a sentence of these tables in the present language. */
export function speaker<Key extends string>(tables: {
  en: Table<Key>;
  fr: Table<Key>;
}): (key: Key, values?: Values) => string {
  return (key, values) => fill(tables[locale.value][key], values);
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
  setUpCodeHint: "Three groups of four characters, such as k7mp-x3qd-9rtw.",
  setUpWhere: "Where do I find the code?",
  setUpWhereText:
    "The server prints it each time it starts, until there is an account. Look into the terminal in which it runs, or into its log, for this line:",
  setUpWhereLine: "… or over HTTP (POST /api/setup) with the setup code …",
  setUpNameHint: "What you will sign in with.",
  setUpPasswordHint: "A few words that belong to you alone do well.",
  language: "Language",
  english: "English",
  french: "Français",

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

export const fr: Table<SharedKey> = {
  appName: "pytlas",
  cancel: "Annuler",
  close: "Fermer",
  save: "Enregistrer",
  tryAgain: "Réessayer",
  working: "En cours…",
  menu: "Menu",
  skipToContent: "Aller au contenu",

  signIn: "Se connecter",
  signInLead: "Connectez-vous pour parler à votre assistant.",
  name: "Nom",
  password: "Mot de passe",
  showPassword: "Afficher le mot de passe",
  hidePassword: "Masquer le mot de passe",
  signOut: "Se déconnecter",
  signOutEverywhere: "Se déconnecter partout",
  signOutEverywhereAsk:
    "Toutes vos sessions prennent fin : ce navigateur, vos autres navigateurs, téléphones et appareils. Reconnectez-vous là où vous voulez continuer.",

  setUp: "Créer le premier compte",
  setUpLead: "Ce serveur est neuf. Son premier compte revient à la personne qui l’exploite.",
  setUpButton: "Créer le compte",
  setUpCode: "Code d’installation",
  setUpCodeHint: "Trois groupes de quatre caractères, comme k7mp-x3qd-9rtw.",
  setUpWhere: "Où trouver ce code ?",
  setUpWhereText:
    "Le serveur l’affiche à chaque démarrage, tant qu’il n’y a pas de compte. Cherchez cette ligne dans le terminal où il tourne, ou dans son journal :",
  setUpWhereLine: "… or over HTTP (POST /api/setup) with the setup code …",
  setUpNameHint: "Celui avec lequel vous vous connecterez.",
  setUpPasswordHint: "Quelques mots qui n’appartiennent qu’à vous conviennent bien.",
  language: "Langue",
  english: "English",
  french: "Français",

  endedExpired: "Votre session a expiré. Veuillez vous reconnecter.",
  endedRevoked: "Cette session a été fermée. Veuillez vous reconnecter.",
  endedDisabled: "Votre compte est désactivé. Adressez-vous à qui exploite le serveur.",
  endedOther: "Veuillez vous reconnecter.",

  fieldMissing: "Veuillez remplir ce champ.",
  wrongPassword: "Le nom ou le mot de passe n’est pas correct.",
  wrongCode: "Ce n’est pas le code que le serveur affiche.",
  tooMany: "Trop d’essais. Veuillez attendre {seconds} s avant de réessayer.",
  weakPassword:
    "Ce mot de passe est facile à deviner. Prenez-en un plus long, quelques mots par exemple.",
  setUpDone: "Il y a déjà un compte. Veuillez vous connecter.",
  badName: "Ce nom ne convient pas : {detail}",
  unreachable: "Le serveur est injoignable. Est-il en marche, et êtes-vous en ligne ?",
  unavailable: "Le serveur ne peut pas répondre pour l’instant. Réessayez dans un moment.",
  failed: "Cela n’a pas fonctionné : {detail}",

  theme: "Apparence",
  themeSystem: "Comme le système",
  themeLight: "Claire",
  themeDark: "Sombre",
};

/** Says a sentence that all pages share. */
export const t = speaker<SharedKey>({ en, fr });
