/** What is kept of a login. Keep it as safe as a password (spec 6.1). */
export interface StoredLogin {
  access: string;
  /** Missing with a device token, and while a refresh is under way: it is good once (6.2). */
  refresh?: string;
  /** When `access` expires, in milliseconds since the epoch; missing when not known. */
  expiresAt?: number;
  /** From when on a new one should be got, likewise. */
  renewAt?: number;
  /** Whose it is. */
  user?: number;
}

/** Where a login is kept. */
export interface TokenStore {
  read(): StoredLogin | null;
  write(login: StoredLogin | null): void;
  /** Does the work while nobody else does such work: one refresh at a time, over all tabs. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Calls the listener when another tab changed it. */
  watch?(listener: () => void): () => void;
}

/** Keeps a login as long as the program runs. */
export class MemoryTokenStore implements TokenStore {
  #login: StoredLogin | null = null;
  #last: Promise<unknown> = Promise.resolve();

  read(): StoredLogin | null {
    return this.#login;
  }

  write(login: StoredLogin | null): void {
    this.#login = login;
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

// A tab that holds the lock longer than this was closed while it held it.
const HELD_MS = 90_000;
const LOOK_MS = 100;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * Keeps a login in `localStorage`, for all tabs of the origin; in memory where there is none, or
 * it is forbidden. The tabs take turns by the browser's locks. Those exist with https only (and on
 * localhost); without them, by a note in `localStorage`.
 */
export class BrowserTokenStore implements TokenStore {
  readonly #key: string;
  readonly #memory = new MemoryTokenStore();
  #full = false;

  /** @param key the name to keep it under. */
  constructor(key: string) {
    this.#key = key;
  }

  read(): StoredLogin | null {
    const storage = localStorageOrNull();
    if (!storage || this.#full) return this.#memory.read();
    try {
      return asLogin(JSON.parse(storage.getItem(this.#key) ?? "null"));
    } catch {
      return null;
    }
  }

  write(login: StoredLogin | null): void {
    this.#memory.write(login);
    try {
      if (login) localStorageOrNull()?.setItem(this.#key, JSON.stringify(login));
      else localStorageOrNull()?.removeItem(this.#key);
      this.#full = false;
    } catch {
      // This login lasts as long as the page does.
      this.#full = true;
    }
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    // Those of this tab take turns first: the note below cannot tell them apart.
    return this.#memory.exclusive(() => {
      const locks = globalThis.navigator?.locks;
      if (locks) return locks.request(this.#key, work) as Promise<T>;
      const storage = localStorageOrNull();
      return storage ? underNote(storage, `${this.#key}-turn`, work) : work();
    });
  }

  watch(listener: () => void): () => void {
    const told = (event: StorageEvent): void => {
      // Without a key everything was deleted.
      if (event.key === this.#key || event.key === null) listener();
    };
    globalThis.addEventListener?.("storage", told);
    return () => globalThis.removeEventListener?.("storage", told);
  }
}

function localStorageOrNull(): Storage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function asLogin(value: unknown): StoredLogin | null {
  const login = value as Partial<Record<keyof StoredLogin, unknown>> | null;
  if (typeof login?.access !== "string") return null;
  const read: StoredLogin = { access: login.access };
  if (typeof login.refresh === "string") read.refresh = login.refresh;
  for (const key of ["expiresAt", "renewAt", "user"] as const)
    if (typeof login[key] === "number") read[key] = login[key];
  return read;
}

/** Works while a note says so. Two who wrote in the same moment: the one whose note stayed. */
async function underNote<T>(storage: Storage, key: string, work: () => Promise<T>): Promise<T> {
  const mine = `${Math.random()}`;
  for (;;) {
    const [until] = (storage.getItem(key) ?? "0").split(" ");
    if (!(Number(until) > Date.now())) {
      const note = `${Date.now() + HELD_MS} ${mine}`;
      try {
        storage.setItem(key, note);
      } catch {
        return work();
      }
      await pause(LOOK_MS / 2);
      if (storage.getItem(key) === note) break;
    }
    await pause(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    if (storage.getItem(key)?.endsWith(` ${mine}`)) storage.removeItem(key);
  }
}
