/** Talks to a pytlas-wamp server, from a browser or from Node. */
export { Account, type Answered, type HistoryPage, type RequestOptions } from "./account.js";
export {
  Assistant,
  type AssistantEvents,
  type AssistantOptions,
  type Status,
} from "./assistant.js";
export type { WebSocketLike } from "./connection.js";
export type { Working } from "./conversation.js";
export {
  BrowserMemory,
  type Memory,
  type Remembered,
  type Sent,
  type SentStatus,
} from "./memory.js";
export { Problem, SignInNeeded } from "./problems.js";
export {
  BrowserTokenStore,
  MemoryTokenStore,
  type StoredLogin,
  type TokenStore,
} from "./storage.js";
export type * from "./frames.js";
export type { components } from "./api.js";
