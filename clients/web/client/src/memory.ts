import type { ErrorFrame } from "./frames.js";

/**
 * `unsent`: waits for the connection, or for its turn to be sent. `sent`: on its way or at work.
 * `done`: its turn is over, well or not. `refused`: the server did not take it.
 */
export type SentStatus = "unsent" | "sent" | "done" | "refused";

/** A message of this device. It stays the same object; copy it to keep what it was. */
export interface Sent {
  readonly id: string;
  readonly text: string;
  /** The `seq` of the question that it is the reply to (spec 5.4). */
  readonly answers?: number;
  readonly meta?: Record<string, unknown>;
  status: SentStatus;
  /** Why it was refused, or what went wrong in its turn. */
  error?: ErrorFrame;
}

/** What has to survive a reload (spec 5.9, step 1). */
export interface Remembered {
  /** The highest `seq` seen. */
  last?: number;
  /** The messages without an outcome. */
  sent: Sent[];
  /** Whose it is, when known. */
  user?: number;
}

/** Keeps it. */
export interface Memory {
  read(): Remembered | null;
  write(state: Remembered | null): void;
}

/** Keeps it in `sessionStorage`: over reloads of a tab, not in other tabs. */
export class BrowserMemory implements Memory {
  readonly #key: string;

  /** @param key the name to keep it under. */
  constructor(key: string) {
    this.#key = key;
  }

  read(): Remembered | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "null") as Remembered | null;
    } catch {
      return null;
    }
  }

  write(state: Remembered | null): void {
    try {
      if (state) sessionStorage.setItem(this.#key, JSON.stringify(state));
      else sessionStorage.removeItem(this.#key);
    } catch {
      // Forbidden or full: then it does not survive a reload.
    }
  }
}

/** What a memory holds, without what nobody can have put there in earnest. */
export function readMemory(memory: Memory | undefined): Remembered {
  let state: Partial<Record<keyof Remembered, unknown>> | null | undefined;
  try {
    state = memory?.read();
  } catch {
    state = null;
  }
  const read: Remembered = { sent: Array.isArray(state?.sent) ? state.sent.filter(isPending) : [] };
  if (Number.isSafeInteger(state?.last)) read.last = state!.last as number;
  if (typeof state?.user === "number") read.user = state.user;
  return read;
}

function isPending(value: unknown): value is Sent {
  const sent = value as Partial<Record<keyof Sent, unknown>> | null;
  return (
    typeof sent?.id === "string" &&
    typeof sent.text === "string" &&
    (sent.status === "unsent" || sent.status === "sent")
  );
}
