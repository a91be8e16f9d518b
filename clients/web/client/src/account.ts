import { Listeners } from "./events.js";
import type { ConversationFrame } from "./frames.js";
import { type Answered, Http, type RequestOptions } from "./http.js";
import { Problem, SignInNeeded } from "./problems.js";
import { MemoryTokenStore, type StoredLogin, type TokenStore } from "./storage.js";
import { readHistory } from "./wire.js";

export type { Answered, RequestOptions } from "./http.js";

/** A page of the history (spec 6.21): in the order of `seq`, the newest page first. */
export interface HistoryPage {
  frames: { at: string; frame: ConversationFrame }[];
  /** What to send as `before` for the page before this one; null when there is none. */
  before: number | null;
}

interface AccountEvents {
  "signed-in": string | undefined;
  "signed-out": string | undefined;
}

interface Pair {
  access: string;
  refresh: string;
}

// A token with less than this left is renewed; of one that lives shorter, half of its life.
const SPARE_MS = 60_000;

/** One person's account at one server: signing in, tokens, and requests in their name. */
export class Account {
  readonly #http: Http;
  readonly #store: TokenStore;
  readonly #now: () => number;
  readonly #listeners = new Listeners<AccountEvents>();
  #known: StoredLogin | null;
  #renewing: { stale: string; fresh: Promise<string> } | null = null;

  /**
   * @param o.server its address, such as `https://home.example`.
   * @param o.store where the login is kept; in memory, if nothing is said.
   * @param o.fetch instead of the global one.
   * @param o.now the time in milliseconds since the epoch.
   */
  constructor(o: {
    server: string | URL;
    store?: TokenStore;
    fetch?: typeof fetch;
    now?: () => number;
  }) {
    this.#http = new Http(o.server, o.fetch);
    this.#store = o.store ?? new MemoryTokenStore();
    this.#now = o.now ?? Date.now;
    this.#known = this.#store.read();
    this.#store.watch?.(() => this.#look());
  }

  /** Whether there is a login. The server may have ended it meanwhile. */
  get signedIn(): boolean {
    return this.#store.read() !== null;
  }

  /** The number of the person, when known. */
  get user(): number | null {
    return this.#store.read()?.user ?? null;
  }

  /** When the access token should be renewed; null when that is not known. */
  get renewAt(): number | null {
    const login = this.#store.read();
    return login && due(login);
  }

  /** The address of the conversation (spec 2.1). */
  get webSocket(): string {
    return this.#http.webSocket;
  }

  /** Whether the server still waits for its first account (spec 6.17). */
  async setupNeeded(): Promise<boolean> {
    const { data } = await this.#http.send<{ needed?: unknown } | null>("GET", "/api/setup");
    return data?.needed === true;
  }

  /**
   * Makes the first account, an administrator, and signs in (spec 6.17).
   *
   * @throws Problem `wrong-code`, `weak-password`, `setup-done`, `invalid-request` and others.
   */
  async setUp(o: {
    code: string;
    username: string;
    password: string;
    language?: string;
  }): Promise<void> {
    await this.#begin("/api/setup", o);
  }

  /**
   * Signs in (spec 6.1).
   *
   * @param o.client what the login is called in the list of logins.
   * @throws Problem `authentication-failed`, `rate-limited` and others.
   */
  async signIn(o: { username: string; password: string; client?: string }): Promise<void> {
    await this.#begin("/api/token", o);
  }

  /** Uses a token made elsewhere, such as a device token (spec 6.11). */
  useToken(access: string): void {
    this.#replace({ access });
  }

  /**
   * Forgets the login and has the server end it, or all logins of the person.
   *
   * @throws Problem with `everywhere`, when the server could not be told; the login of this device
   *   is forgotten all the same. Without it, nothing: whoever is offline may sign out.
   */
  async signOut(o: { everywhere?: boolean } = {}): Promise<void> {
    const login = this.#store.read();
    if (!login) return;
    if (o.everywhere)
      try {
        await this.request("DELETE", "/api/me/logins");
      } catch (fault) {
        if (!(fault instanceof SignInNeeded)) throw fault;
      } finally {
        this.#replace(null);
      }
    else {
      this.#replace(null);
      await this.#revoke(login.refresh ?? login.access);
    }
  }

  /**
   * The access token, renewed before when it is about to expire.
   *
   * @throws SignInNeeded there is no login, or it has ended.
   * @throws Problem it must be renewed, and the server cannot be asked.
   */
  async accessToken(): Promise<string> {
    const login = this.#login();
    if (this.#now() < (due(login) ?? Infinity)) return login.access;
    try {
      return await this.replacement(login.access, "token-expired");
    } catch (fault) {
      const left = (login.expiresAt ?? 0) - this.#now();
      if (fault instanceof Problem && left > 0) return login.access;
      throw fault;
    }
  }

  /**
   * A new access token, now (spec 6.2).
   *
   * @throws SignInNeeded there is no refresh token, or it is no good.
   * @throws Problem the server cannot be asked; the old token still counts.
   */
  async renew(): Promise<string> {
    const login = this.#login();
    return this.replacement(login.access, null);
  }

  /**
   * A request in the name of the person, with one renewal when the token is refused.
   *
   * @param path from the server's address on, such as `/api/me`.
   * @throws Problem what the server says against it (spec 6.5); code `unreachable` and status 0
   *   when it does not answer.
   * @throws SignInNeeded there is no login, or it has ended.
   */
  async request<T>(method: string, path: string, o: RequestOptions = {}): Promise<Answered<T>> {
    const token = await this.accessToken();
    try {
      return await this.#http.send<T>(method, path, { ...o, token });
    } catch (fault) {
      if (!isRefusal(fault)) throw fault;
      const fresh = await this.replacement(token, fault.code);
      try {
        return await this.#http.send<T>(method, path, { ...o, token: fresh });
      } catch (again) {
        if (!isRefusal(again)) throw again;
        this.end(fresh, again.code);
        throw new SignInNeeded(again.code);
      }
    }
  }

  /**
   * A page of what was said (spec 6.21), the newest one when `before` is left out.
   *
   * @throws Problem `not-enabled` when the operator has switched the history off.
   */
  async history(o: { before?: number; limit?: number } = {}): Promise<HistoryPage> {
    const { data } = await this.request<unknown>("GET", "/api/me/history", { query: { ...o } });
    return readHistory(data);
  }

  /** Calls the listener when somebody signs in or out here or in another tab, or a login ends. */
  on(event: "signed-in" | "signed-out", listener: (reason?: string) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  /**
   * An access token in place of one that is refused or about to expire. All who ask at once, in
   * all tabs, get the same one. Without a way to get one the login is over.
   *
   * @param reason why the old one is no good; null when it still is.
   * @internal
   */
  replacement(stale: string, reason: string | null): Promise<string> {
    if (this.#renewing?.stale !== stale) {
      const fresh = this.#store.exclusive(() => this.#refresh(stale, reason));
      const mine = { stale, fresh };
      this.#renewing = mine;
      const over = (): void => {
        if (this.#renewing === mine) this.#renewing = null;
      };
      fresh.then(over, over);
    }
    return this.#renewing!.fresh;
  }

  /**
   * Ends the login here, because the server refused its token for good. Does nothing when there is
   * another login by now.
   *
   * @returns whether nobody is signed in now.
   * @internal
   */
  end(access: string, reason: string): boolean {
    const login = this.#store.read();
    if (login && login.access !== access) return false;
    if (login) this.#replace(null, reason);
    return true;
  }

  #login(): StoredLogin {
    const login = this.#store.read();
    if (!login) throw new SignInNeeded("signed-out");
    return login;
  }

  async #begin(path: string, body: unknown): Promise<void> {
    const { data } = await this.#http.send<unknown>("POST", path, { body });
    const pair = asPair(data);
    if (!pair)
      throw new Problem({
        status: 200,
        code: "unreadable-answer",
        detail: "The answer has no tokens.",
      });
    this.#replace({ ...pair, ...(await this.#about(pair.access)) });
  }

  /**
   * Changes the refresh token for a new pair (spec 6.2). It is good once, and gone when the answer
   * gets lost. So the server is asked about it first: whoever is offline loses nothing. And it is
   * taken out of the store before it is used, so that nobody uses it twice, even if this tab dies.
   */
  async #refresh(stale: string, reason: string | null): Promise<string> {
    const login = this.#login();
    if (login.access !== stale) return login.access;
    const { refresh, ...rest } = login;
    if (refresh === undefined) {
      if (reason !== null) this.end(stale, reason);
      throw new SignInNeeded(reason ?? "no-refresh-token");
    }
    await this.#unlessRefused(stale, () =>
      this.#http.send("POST", "/api/token/verify", { body: { token: refresh } }),
    );
    if (this.#store.read()?.refresh !== refresh) return this.#login().access;
    this.#store.write(rest);
    let pair: Pair | null;
    try {
      const used = await this.#unlessRefused(stale, () =>
        this.#http.send<unknown>("POST", "/api/token/refresh", { body: { refresh } }),
      );
      pair = asPair(used.data);
    } catch (fault) {
      if (!(fault instanceof Problem)) throw fault;
      if (isUnused(fault)) {
        if (this.#store.read()?.access === stale) this.#store.write(login);
        throw fault;
      }
      pair = null;
    }
    return this.#renewed(stale, rest, pair);
  }

  /** Keeps a new pair; without one the login is over. */
  async #renewed(stale: string, rest: StoredLogin, pair: Pair | null): Promise<string> {
    if (!pair) {
      this.end(stale, "refresh-lost");
      throw new SignInNeeded("refresh-lost");
    }
    if (this.#store.read()?.access !== stale) {
      // Somebody signed out, or in anew, meanwhile: nobody wants this login any more.
      await this.#revoke(pair.refresh);
      return this.#login().access;
    }
    const { user } = rest;
    const login: StoredLogin = { ...pair, ...(user === undefined ? {} : { user }) };
    // At once: when it gets lost, so does the login. When it expires is nice to know, too.
    this.#store.write(login);
    const about = await this.#about(pair.access);
    if (this.#store.read()?.access === pair.access) this.#store.write({ ...login, ...about });
    return pair.access;
  }

  /** A request about tokens; the login is over when the server refuses them. */
  async #unlessRefused<T>(stale: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (fault) {
      if (!isRefusal(fault)) throw fault;
      this.end(stale, fault.code);
      throw new SignInNeeded(fault.code);
    }
  }

  /** What the server tells of a token (spec 6.3); nothing when it does not. */
  async #about(token: string): Promise<Partial<StoredLogin>> {
    try {
      const { data } = await this.#http.send<Record<string, unknown> | null>(
        "POST",
        "/api/token/verify",
        { body: { token } },
      );
      const [seconds, user] = [data?.["expires_in"], data?.["user_id"]];
      if (typeof seconds !== "number" || typeof user !== "number") return {};
      const life = seconds * 1000;
      const expiresAt = this.#now() + life;
      return { user, expiresAt, renewAt: expiresAt - Math.min(SPARE_MS, life / 2) };
    } catch {
      return {};
    }
  }

  async #revoke(token: string): Promise<void> {
    const told = this.#http.send("POST", "/api/token/revoke", { body: { token }, keepalive: true });
    await told.catch(() => undefined);
  }

  #replace(login: StoredLogin | null, reason = "signed-out"): void {
    this.#store.write(login);
    this.#tell(login, reason);
  }

  /** Tells what another tab has changed. A refresh is no change of the person. */
  #look(): void {
    const [before, now] = [this.#known, this.#store.read()];
    const same = before && now && (before.user ?? now.user) === (now.user ?? before.user);
    if (same) this.#known = now;
    else this.#tell(now, "signed-out");
  }

  #tell(now: StoredLogin | null, reason: string): void {
    const before = this.#known;
    this.#known = now;
    if (before) this.#listeners.emit("signed-out", now ? "replaced" : reason);
    if (now) this.#listeners.emit("signed-in", undefined);
  }
}

function due(login: StoredLogin): number | null {
  if (login.renewAt !== undefined) return login.renewAt;
  return login.expiresAt === undefined ? null : login.expiresAt - SPARE_MS;
}

function asPair(data: unknown): Pair | null {
  const pair = data as Partial<Record<keyof Pair, unknown>> | null | undefined;
  const [access, refresh] = [pair?.access, pair?.refresh];
  return typeof access === "string" && typeof refresh === "string" ? { access, refresh } : null;
}

/** Whether the token is no good (spec 6.9); 403 is not about it. */
function isRefusal(fault: unknown): fault is Problem {
  return fault instanceof Problem && fault.status === 401;
}

/** Whether the server said that it did not take the refresh token. */
function isUnused({ status }: Problem): boolean {
  return status === 503 || (status >= 400 && status < 500);
}
