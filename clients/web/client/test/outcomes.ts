import type { Outcome } from "./play.js";

/** What each device of each transcript shows in the end. */
export const outcomes: Record<string, Record<string, Outcome>> = {
  "account-disabled-while-connected": {
    a: { status: "signed-out" },
    b: { status: "signed-out" },
    c: { status: "signed-out" },
  },
  "answer-from-a-thread": {
    a: { status: "ready" },
  },
  "anything-before-authenticate": {
    a: { status: "signed-out" },
    b: { status: "signed-out" },
    c: { status: "signed-out" },
    d: { status: "signed-out" },
    e: { status: "signed-out" },
    f: { status: "signed-out" },
    g: { status: "signed-out" },
    h: { status: "signed-out" },
    i: { status: "signed-out" },
    j: { status: "signed-out" },
    k: { status: "signed-out" },
    l: { status: "signed-out" },
    m: { status: "signed-out" },
    n: { status: "signed-out" },
    o: { status: "signed-out" },
  },
  "ask-and-reply": {
    a: { status: "ready", heard: ["listen", "listen"] },
  },
  "ask-left-by-cancel": {
    a: { status: "ready", heard: ["listen", "listen"] },
    b: { status: "ready", heard: ["listen", "listen"] },
  },
  "cancel-by-sentence": {
    a: { status: "ready" },
    b: { status: "ready" },
  },
  "cancel-in-context": {
    a: { status: "ready" },
  },
  "cancel-while-slow": {
    a: { status: "ready" },
  },
  "cancel-with-nothing-to-cancel": {
    a: { status: "ready" },
  },
  "cards-and-metadata": {
    a: { status: "ready" },
  },
  "choices-without-match": {
    a: { status: "ready", heard: ["listen", "listen", "listen", "listen"] },
  },
  "context-enter-and-leave": {
    a: { status: "ready" },
  },
  "credentials-expire": {
    a: { status: "signed-out" },
    b: { status: "ready" },
  },
  "credentials-revoked": {
    a: { status: "signed-out" },
    b: { status: "ready" },
    c: { status: "signed-out" },
  },
  "disabled-account": {
    a: { status: "signed-out" },
  },
  "expired-token": {
    a: { status: "signed-out" },
  },
  "id-reused": {
    a: { status: "ready", refused: ["id-reused echo two", "id-reused echo one"] },
    b: { status: "ready", refused: ["id-reused echo one"] },
  },
  "ids-and-re": {
    a: { status: "ready", question: "Which level?", heard: ["listen", "listen"] },
  },
  interrupted: {
    a: { status: "ready" },
  },
  "join-in-context": {
    a: { status: "ready" },
    b: { status: "ready" },
    c: { status: "ready" },
  },
  "join-while-asked": {
    a: { status: "ready", heard: ["listen", "listen"] },
    b: { status: "ready", heard: ["listen"] },
  },
  "language-changed": {
    a: { status: "ready" },
    b: { status: "ready" },
    c: { status: "ready" },
  },
  "legacy-client": {
    a: { status: "offline", heard: ["listen", "listen"] },
  },
  "login-and-answer": {
    a: { status: "stopped" },
  },
  "malformed-after-ready": {
    a: {
      status: "ready",
      refused: [
        "malformed-json",
        "malformed-json",
        "malformed-json",
        "malformed-json",
        "not-an-object",
        "not-an-object",
        "not-an-object",
        "not-an-object",
        "too-deep",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
        "invalid-message",
      ],
    },
  },
  "malformed-while-asked": {
    a: {
      status: "offline",
      question: "Which level?",
      refused: ["malformed-json", "invalid-message", "binary lights", "binary kitchen"],
      heard: ["listen", "listen"],
    },
  },
  "malformed-while-verifying": {
    a: { status: "ready", refused: ["malformed-json"] },
  },
  "other-turns": {
    a: { status: "ready" },
  },
  "pipelined-behind-bad-token": {
    a: { status: "signed-out" },
    b: { status: "ready" },
  },
  "pipelined-frames": {
    a: { status: "ready" },
  },
  "question-gone": {
    a: { status: "ready", refused: ["question-gone cellar"], heard: ["listen", "listen"] },
    b: { status: "ready", refused: ["question-gone"], heard: ["listen", "listen"] },
  },
  "rate-limited": {
    a: { status: "offline", pending: ["m5 unsent"], refused: ["rate-limited"] },
    b: { status: "ready" },
  },
  "reconnect-while-asked": {
    a: { status: "ready", question: "Which level?", heard: ["listen", "missed", "listen"] },
  },
  "renewal-refused": {
    a: {
      status: "signed-out",
      refused: [
        "wrong-user",
        "authentication-failed",
        "authentication-failed",
        "authentication-failed",
      ],
    },
  },
  renewal: {
    a: { status: "ready", heard: ["listen", "listen"] },
  },
  "repeated-send": {
    a: { status: "ready" },
    b: { status: "offline" },
  },
  "restart-in-mid-ask": {
    a: { status: "ready", heard: ["listen"] },
  },
  "resume-too-old": {
    a: { status: "ready", question: "Which level?", heard: ["listen", "listen"] },
    b: { status: "ready", question: "Which level?", heard: ["missed", "missed", "listen"] },
  },
  resume: {
    a: { status: "ready", question: "Which level?", heard: ["listen", "listen"] },
    b: { status: "ready", question: "Which level?", heard: ["listen", "listen"] },
  },
  shutdown: {
    a: { status: "offline", pending: ["m2 unsent"] },
    b: { status: "offline" },
  },
  "silence-until-deadline": {
    a: { status: "signed-out" },
  },
  "skill-failure": {
    a: { status: "ready" },
    b: { status: "ready" },
  },
  "skill-timeout": {
    a: { status: "ready" },
  },
  "slow-reader": {
    a: { status: "ready" },
    b: { status: "ready" },
  },
  "too-big-before-authenticate": {
    a: { status: "signed-out" },
  },
  "too-many-frames-held": {
    a: { status: "signed-out" },
  },
  "too-many-messages-wait": {
    a: { status: "ready", refused: ["busy echo three"] },
    b: { status: "ready" },
  },
  "two-devices": {
    a: { status: "ready", refused: ["question-gone cellar"], heard: ["listen", "listen"] },
    b: { status: "offline", heard: ["listen", "listen"] },
    x: { status: "ready" },
  },
  "unknown-type": {
    a: {
      status: "ready",
      refused: ["unknown-type", "unknown-type", "unknown-type", "unknown-type"],
    },
  },
  "unreadable-after-ready": {
    a: { status: "ready" },
    b: { status: "offline" },
    c: { status: "offline" },
    d: { status: "offline", refused: ["too-big xxxxxxxxxxxxxxxxxxxx"] },
  },
  "unreadable-while-verifying": {
    a: { status: "offline" },
    b: { status: "signed-out" },
    c: { status: "signed-out" },
  },
  "wrong-token": {
    a: { status: "signed-out" },
    b: { status: "signed-out" },
    c: { status: "signed-out" },
    d: { status: "signed-out" },
    e: { status: "signed-out" },
    f: { status: "signed-out" },
    g: { status: "signed-out" },
  },
};
