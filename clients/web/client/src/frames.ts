// Made from spec/schema by `npm run types`; change that instead.


/**
 * Something to show to the user.
 */
export interface AnswerFrame {
  type: "answer";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
  /**
   * The skill's own metadata stands beside these keys.
   */
  data: {
    /**
     * What to say, Markdown.
     */
    text: string | null;
    /**
     * `text` without Markdown.
     */
    raw_text: string | null;
    /**
     * Null when there are none.
     */
    cards: Card[] | null;
    [k: string]: unknown;
  };
}
export interface Card {
  /**
   * Headline, Markdown.
   */
  header: string | null;
  /**
   * `header` without Markdown.
   */
  raw_header: string | null;
  /**
   * Body, Markdown.
   */
  text: string | null;
  /**
   * `text` without Markdown.
   */
  raw_text: string | null;
  /**
   * Second headline, Markdown.
   */
  subhead: string | null;
  /**
   * `subhead` without Markdown.
   */
  raw_subhead: string | null;
  /**
   * Where the headline leads.
   */
  header_link: string | null;
  /**
   * Address or data URL of a picture.
   */
  media: string | null;
}

/**
 * A question; the next message is the reply to it.
 */
export interface AskFrame {
  type: "ask";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
  /**
   * The skill's own metadata stands beside these keys.
   */
  data: {
    /**
     * What is asked for.
     */
    slot: string;
    /**
     * The question, Markdown.
     */
    text: string;
    /**
     * `text` without Markdown.
     */
    raw_text: string | null;
    /**
     * The possible replies; null when any text will do.
     */
    choices: string[] | null;
    [k: string]: unknown;
  };
}

/**
 * The first frame of every connection; later, a fresh token of the same user (3.6).
 */
export interface AuthenticateFrame {
  type: "authenticate";
  /**
   * An access token from POST /api/token (6.1).
   */
  token: string;
  /**
   * The highest `seq` this client has seen; asks for what came after it (5.9).
   */
  after?: number;
}

/**
 * Stops what the assistant is doing, from any of the user's devices (5.5).
 */
export interface CancelFrame {
  type: "cancel";
  /**
   * Chosen by the client; comes back as `re` on every frame it causes (5.3).
   */
  id?: string;
}

/**
 * The conversation entered or left a context.
 */
export interface ContextFrame {
  type: "context";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
  /**
   * Null for the root.
   */
  name: string | null;
}

/**
 * The turn is over.
 */
export interface DoneFrame {
  type: "done";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
  /**
   * Whether the assistant waits for the user: listen again.
   */
  require_input: boolean;
}

/**
 * Something went wrong; the connection goes on.
 */
export interface ErrorFrame {
  type: "error";
  /**
   * One of the codes in errors.json; there may be new ones.
   */
  code: string;
  /**
   * For people; in English, may change.
   */
  message: string;
  /**
   * Whether sending the same again can succeed; after an error with `seq` under a new `id` (5.3).
   */
  retryable: boolean;
  /**
   * Seconds to wait first.
   */
  retry_after?: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
  /**
   * Only on errors that belong to the conversation, such as a failed skill.
   */
  seq?: number;
}

/**
 * The server is about to close this connection with 1001.
 */
export interface GoodbyeFrame {
  type: "goodbye";
  /**
   * One of the close reasons in errors.json; there may be new ones.
   */
  reason: string;
  /**
   * Seconds to wait before connecting again.
   */
  retry_after: number;
}

/**
 * The user's language changed; the assistant now understands this one.
 */
export interface LanguageFrame {
  type: "language";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  language: string;
}

/**
 * What the user says. `type` may be left out, as the clients of the original server do.
 */
export interface MessageFrame {
  type?: "message";
  /**
   * The sentence, as typed or heard.
   */
  message: string;
  /**
   * Chosen by the client; comes back as `re` on every frame it causes, and makes it safe to send again (5.3).
   */
  id?: string;
  /**
   * The `seq` of the `ask` this message answers (5.4).
   */
  answers?: number;
  /**
   * Reaches the skill as the request's metadata.
   */
  meta?: {
    [k: string]: unknown;
  };
}

/**
 * Sent once, when the token was accepted.
 */
export interface ReadyFrame {
  type: "ready";
  /**
   * The user's language as stored, such as `fr-FR`.
   */
  language: string;
  /**
   * The last number used in this conversation.
   */
  seq: number;
  /**
   * Whether all frames after the client's `after` follow, in place of the present state (5.9).
   */
  resumed: boolean;
  server: {
    name: string;
    version: string;
  };
  /**
   * The limits of spec/limits.json that a client can run into.
   */
  limits: {
    max_message_bytes: number;
    max_queued_messages: number;
    turn_deadline_seconds: number;
    /**
     * Missing when the server does not remember ids (5.3).
     */
    max_remembered_ids?: number;
    message_burst?: number;
    message_rate_per_second?: number;
  };
}

/**
 * The fresh token was accepted; the connection lives on (3.6).
 */
export interface RenewedFrame {
  type: "renewed";
  /**
   * Seconds until the new token expires.
   */
  expires_in: number;
}

/**
 * What the user said on another device.
 */
export interface SaidFrame {
  type: "said";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  message: string;
  /**
   * The `id` of the message, when it had one; what it causes has it as `re` (5.3).
   */
  id?: string;
}

/**
 * A skill has started to work.
 */
export interface ThinkingFrame {
  type: "thinking";
  /**
   * Number of this frame in the user's conversation; rises from frame to frame (5.3).
   */
  seq: number;
  /**
   * The `id` of the message that caused this frame (5.3).
   */
  re?: string;
}

/** What clients send. */
export type ClientFrame =
  | AuthenticateFrame
  | CancelFrame
  | MessageFrame;

/** What the server sends. */
export type ServerFrame =
  | AnswerFrame
  | AskFrame
  | ContextFrame
  | DoneFrame
  | ErrorFrame
  | GoodbyeFrame
  | LanguageFrame
  | ReadyFrame
  | RenewedFrame
  | SaidFrame
  | ThinkingFrame;

/** What carries `seq` (spec 5.3); an error only if it has one. */
export type ConversationFrame =
  | ThinkingFrame
  | AnswerFrame
  | AskFrame
  | DoneFrame
  | ContextFrame
  | LanguageFrame
  | SaidFrame
  | (ErrorFrame & { seq: number });
