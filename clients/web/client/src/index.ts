/** Talks to a pytlas-wamp server, from a browser or from Node. */
export * from "./account.js";
export * from "./assistant.js";
export * from "./problems.js";
export * from "./storage.js";
export type * from "./frames.js";
export type { components } from "./api.js";
