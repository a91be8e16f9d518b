/** The words of the chat. */
import { speaker, type Table } from "../shared/texts";

export const en = {
  title: "Chat",
  conversation: "Conversation",
  manage: "Manage",
  signedInAs: "Signed in as {name}",
  menuOf: "Menu of {name}",

  message: "Message",
  messageHint: "Say something…",
  replyHint: "Your answer…",
  send: "Send",
  tooLong: "This is too long for the server: at most {limit} kB.",
  cancelHint: "Cancel (Escape)",

  thinking: "Thinking",
  thinkingFor: "{seconds} s",
  stillThinking: "Still thinking.",
  context: "In: {name}",
  contextLabel: "Context: {name}",

  speak: "Speak",
  stopSpeaking: "Stop listening",
  listening: "Listening…",
  readAloud: "Read answers aloud",
  microphoneBlocked:
    "The microphone may not be used. Allow it for this page in the browser’s settings.",
  microphoneFailed: "The browser could not understand speech right now.",

  welcome: "Hello {name}",
  welcomeText: "Say what you would like, in your own words.",
  welcomeTry: "What can you do?",

  older: "Loading earlier messages…",
  olderFailed: "Earlier messages could not be loaded.",
  toNewest: "To the newest",
  newMessages: "New messages",
  today: "Today",
  yesterday: "Yesterday",

  you: "You",
  assistant: "Assistant",
  unsent: "Not sent yet",
  elsewhere: "From another device",
  choices: "Choices",
  choiceKeys: "or press {first}–{last}",
  showAll: "Show all ({size} kB)",
  noPicture: "The picture could not be loaded.",
  opensElsewhere: "(opens a new tab)",
  languageChanged: "The assistant now speaks {language}.",

  connecting: "Connecting…",
  offline: "Not connected.",
  serverStopped: "The server is restarting.",
  serverBusy: "The server cannot take this device right now.",
  tooManyDevices: "Too many of your devices are connected.",
  retryIn: "Trying again in {seconds} s.",
  tryNow: "Try now",
  connected: "Connected again.",
  noMe: "Your account could not be read.",

  skillFailed: "Something went wrong in the skill that handles this.",
  skillTimeout: "That took too long, and was given up.",
  skillUnavailable: "This skill is switched off for a moment, since it failed several times.",
  interrupted: "The server stopped before this was done. Part of it may have been done.",
  busy: "The assistant has too much to do right now.",
  unavailable: "The server cannot do this right now.",
  internal: "The server has a fault; its log tells more.",
  rateLimited: "That was too fast.",
  questionGone: "This question has been answered or given up already.",
  refused: "The server did not take this.",
  retryAgainIn: "Try again in {seconds} s.",
} as const;

export type ChatKey = keyof typeof en;

export const fr: Table<ChatKey> = {
  title: "Discussion",
  conversation: "Conversation",
  manage: "Gérer",
  signedInAs: "Connecté en tant que {name}",
  menuOf: "Menu de {name}",

  message: "Message",
  messageHint: "Dites quelque chose…",
  replyHint: "Votre réponse…",
  send: "Envoyer",
  tooLong: "C’est trop long pour le serveur : {limit} ko au plus.",
  cancelHint: "Annuler (Échap)",

  thinking: "Réflexion",
  thinkingFor: "{seconds} s",
  stillThinking: "Toujours en réflexion.",
  context: "Dans : {name}",
  contextLabel: "Contexte : {name}",

  speak: "Parler",
  stopSpeaking: "Ne plus écouter",
  listening: "J’écoute…",
  readAloud: "Lire les réponses à voix haute",
  microphoneBlocked:
    "Le micro n’est pas autorisé. Autorisez-le pour cette page dans les réglages du navigateur.",
  microphoneFailed: "Le navigateur ne peut pas comprendre la parole pour l’instant.",

  welcome: "Bonjour {name}",
  welcomeText: "Dites ce que vous souhaitez, avec vos mots.",
  welcomeTry: "Que sais-tu faire ?",

  older: "Chargement des messages précédents…",
  olderFailed: "Les messages précédents n’ont pas pu être chargés.",
  toNewest: "Aller au plus récent",
  newMessages: "Nouveaux messages",
  today: "Aujourd’hui",
  yesterday: "Hier",

  you: "Vous",
  assistant: "Assistant",
  unsent: "Pas encore envoyé",
  elsewhere: "Depuis un autre appareil",
  choices: "Choix",
  choiceKeys: "ou tapez {first}–{last}",
  showAll: "Tout afficher ({size} ko)",
  noPicture: "L’image n’a pas pu être chargée.",
  opensElsewhere: "(s’ouvre dans un nouvel onglet)",
  languageChanged: "L’assistant parle maintenant {language}.",

  connecting: "Connexion…",
  offline: "Pas de connexion.",
  serverStopped: "Le serveur redémarre.",
  serverBusy: "Le serveur ne peut pas accueillir cet appareil pour l’instant.",
  tooManyDevices: "Trop de vos appareils sont connectés.",
  retryIn: "Nouvel essai dans {seconds} s.",
  tryNow: "Essayer maintenant",
  connected: "Connexion rétablie.",
  noMe: "Votre compte n’a pas pu être lu.",

  skillFailed: "Un problème est survenu dans la compétence qui s’en occupe.",
  skillTimeout: "C’était trop long, et a été abandonné.",
  skillUnavailable:
    "Cette compétence est mise de côté un moment, car elle a échoué plusieurs fois.",
  interrupted:
    "Le serveur s’est arrêté avant la fin. Une partie a peut-être déjà été faite.",
  busy: "L’assistant a trop à faire pour l’instant.",
  unavailable: "Le serveur ne peut pas faire cela pour l’instant.",
  internal: "Le serveur a un défaut ; son journal en dit plus.",
  rateLimited: "C’était trop rapide.",
  questionGone: "Cette question a déjà reçu une réponse, ou a été abandonnée.",
  refused: "Le serveur n’a pas accepté ceci.",
  retryAgainIn: "Réessayez dans {seconds} s.",
};

/** Says a sentence of the chat. */
export const say = speaker<ChatKey>({ en, fr });

const FAILURES: Record<string, ChatKey> = {
  "skill-failed": "skillFailed",
  "skill-timeout": "skillTimeout",
  "skill-unavailable": "skillUnavailable",
  interrupted: "interrupted",
  busy: "busy",
  unavailable: "unavailable",
  "internal-error": "internal",
  "rate-limited": "rateLimited",
  "question-gone": "questionGone",
};

/** One sentence for people about an error of the conversation. */
export function explainFailure(code: string): string {
  return say(FAILURES[code] ?? "refused");
}
