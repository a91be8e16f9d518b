/** The words of the chat, in French. */
import type { Table } from "../shared/texts";
import type { ChatKey } from "./texts";

export const fr: Table<ChatKey> = {
  conversation: "Conversation",
  manage: "Gérer",
  signedInAs: "Connecté en tant que {name}",

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
  showAll: "Tout afficher ({size} ko)",
  noPicture: "L’image n’a pas pu être chargée.",
  opensElsewhere: "(s’ouvre dans un nouvel onglet)",
  languageChanged: "L’assistant parle maintenant {language}.",

  connecting: "Connexion…",
  offline: "Pas de connexion.",
  noNetwork: "Cet appareil n’a pas de réseau.",
  serverStopped: "Le serveur redémarre.",
  serverBusy: "Le serveur ne peut pas accueillir cet appareil pour l’instant.",
  tooManyDevices: "Trop de vos appareils sont connectés.",
  retryIn: "Nouvel essai dans {seconds} s.",
  tryNow: "Essayer maintenant",
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
  outcomeUnknown: "On ne sait pas si ceci est arrivé.",
  tooBig: "C’est trop long pour le serveur.",
  refused: "Le serveur n’a pas accepté ceci.",
  retryAgainIn: "Réessayez dans {seconds} s.",
};
