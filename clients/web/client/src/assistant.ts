import type { Account } from "./account.js";
import type { AskFrame, ConversationFrame, ErrorFrame, ReadyFrame } from "./frames.js";
const later = (): never => { throw new Error("not written yet"); };
export type SentStatus = "unsent" | "sent" | "done" | "refused";
export interface Sent {
  id: string; text: string; answers?: number; meta?: Record<string, unknown>;
  status: SentStatus; error?: ErrorFrame;
}
export interface Remembered { last?: number; sent: Sent[] }
export interface Memory { read(): Remembered | null; write(state: Remembered | null): void }
export class BrowserMemory implements Memory {
  constructor(_key: string) {}
  read(): Remembered | null { return later(); }
  write(_state: Remembered | null): void {}
}
export type Status = "stopped" | "connecting" | "ready" | "offline" | "signed-out";
export interface Working { since: number; re?: string }
export interface WebSocketLike {
  readonly readyState: number;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
export interface AssistantEvents {
  status: { status: Status; retryAt?: number; reason?: string };
  ready: ReadyFrame;
  frame: { frame: ConversationFrame; past: boolean };
  question: AskFrame | null;
  context: string | null;
  language: string;
  working: Working | null;
  listen: void;
  sent: Sent;
  refused: { error: ErrorFrame; sent?: Sent };
  missed: void;
  "signed-out": string;
}
export interface AssistantOptions {
  account: Account;
  webSocket?: (url: string) => WebSocketLike;
  memory?: Memory;
  after?: number;
  setTimeout?: (work: () => void, milliseconds: number) => unknown;
  clearTimeout?: (timer: any) => void;
  random?: () => number;
  now?: () => number;
  newId?: () => string;
}
export class Assistant {
  constructor(_o: AssistantOptions) {}
  start(): void {}
  stop(): void {}
  retryNow(): void {}
  say(_text: string, _o?: { answers?: number; meta?: Record<string, unknown> }): Sent { return later(); }
  sayAgain(_sent: Sent): Sent { return later(); }
  cancel(): void {}
  get status(): Status { return later(); }
  get question(): AskFrame | null { return later(); }
  get context(): string | null { return later(); }
  get language(): string | null { return later(); }
  get working(): Working | null { return later(); }
  get last(): number { return later(); }
  get pending(): readonly Sent[] { return later(); }
  get limits(): ReadyFrame["limits"] | null { return later(); }
  on<E extends keyof AssistantEvents>(_event: E, _listener: (value: AssistantEvents[E]) => void): () => void { return later(); }
}
