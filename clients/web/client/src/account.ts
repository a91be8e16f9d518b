import type { ConversationFrame } from "./frames.js";
import type { TokenStore } from "./storage.js";
const later = (): never => { throw new Error("not written yet"); };
export interface Answered<T> { status: number; data: T; etag: string | null; location: string | null }
export interface RequestOptions {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  ifMatch?: string;
  signal?: AbortSignal;
}
export interface HistoryPage { frames: { at: string; frame: ConversationFrame }[]; before: number | null }
export class Account {
  constructor(_o: { server: string | URL; store?: TokenStore; fetch?: typeof fetch; now?: () => number }) {}
  get signedIn(): boolean { return later(); }
  setupNeeded(): Promise<boolean> { return later(); }
  setUp(_o: { code: string; username: string; password: string; language?: string }): Promise<void> { return later(); }
  signIn(_o: { username: string; password: string; client?: string }): Promise<void> { return later(); }
  useToken(_access: string): void {}
  signOut(_o?: { everywhere?: boolean }): Promise<void> { return later(); }
  accessToken(): Promise<string> { return later(); }
  renew(): Promise<string> { return later(); }
  request<T>(_method: string, _path: string, _o?: RequestOptions): Promise<Answered<T>> { return later(); }
  history(_o?: { before?: number; limit?: number }): Promise<HistoryPage> { return later(); }
  on(_event: "signed-in" | "signed-out", _listener: (reason?: string) => void): () => void { return later(); }
}
