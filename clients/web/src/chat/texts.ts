/** The words of the chat. */
import { speaker } from "../shared/texts";

export const en = {
  conversation: "Conversation",
  manage: "Manage",
  signedInAs: "Signed in as {name}",

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
  showAll: "Show all ({size} kB)",
  noPicture: "The picture could not be loaded.",
  opensElsewhere: "(opens a new tab)",
  languageChanged: "The assistant now speaks {language}.",

  connecting: "Connecting…",
  offline: "Not connected.",
  noNetwork: "This device has no network.",
  serverStopped: "The server is restarting.",
  serverBusy: "The server cannot take this device right now.",
  tooManyDevices: "Too many of your devices are connected.",
  retryIn: "Trying again in {seconds} s.",
  tryNow: "Try now",
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
  outcomeUnknown: "It is not known whether this arrived.",
  tooBig: "This is too long for the server.",
  refused: "The server did not take this.",
  retryAgainIn: "Try again in {seconds} s.",
} as const;

export type ChatKey = keyof typeof en;

/** Says a sentence of the chat. */
export const say = speaker<ChatKey>({ en, fr: async () => (await import("./texts.fr")).fr });

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
  "outcome-unknown": "outcomeUnknown",
  "too-big": "tooBig",
};

/** One sentence for people about an error of the conversation. */
export function explainFailure(code: string): string {
  return say(FAILURES[code] ?? "refused");
}
