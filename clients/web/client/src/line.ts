import type { Account } from "./account.js";
import { demandOf } from "./closes.js";
import { type Closed, Connection, type WebSocketLike } from "./connection.js";
import type { ReadyFrame, ServerFrame } from "./frames.js";
import { Problem, SignInNeeded } from "./problems.js";
import { type Clockwork, Timers } from "./timers.js";
import { Waiting } from "./waiting.js";
import { readFrame } from "./wire.js";

/**
 * `stopped`: nobody wants a connection. `offline`: it waits before the next try. `signed-out`:
 * somebody has to sign in; then it connects by itself.
 */
export type Status = "stopped" | "connecting" | "ready" | "offline" | "signed-out";

/** `retryAt`: when the next try is, in milliseconds since the epoch. */
export interface StatusChange {
  status: Status;
  retryAt?: number;
  reason?: string;
}

/** Whoever speaks over the line. */
export interface Speaker {
  /** A connection is about to be made for this person; null when that is not known. */
  meets(user: number | null): void;
  /** What to resume after (spec 5.9); undefined for nothing. */
  after(): number | undefined;
  became(change: StatusChange): void;
  ready(frame: ReadyFrame, after: number | undefined): void;
  /** A frame came, `ready` and `goodbye` excepted. */
  came(frame: ServerFrame): void;
  /** The server hung up on what was sent: not to be sent again (spec 3.7). */
  blamed(how: Closed): void;
  /** The login is over. `left`: somebody signed out, or somebody else in. */
  signedOut(reason: string, left: boolean): void;
}

export interface LineOptions extends Clockwork {
  account: Account;
  webSocket?: ((url: string) => WebSocketLike) | undefined;
  random?: (() => number) | undefined;
  now?: (() => number) | undefined;
}

// As long as this a connection may take to be ready, or to end after a goodbye.
const OPENING_MS = 30_000;
// As long as this a server may be silent when it was sent something.
const SILENCE_MS = 10_000;
const SHOW_AGAIN_MS = 15_000;
// Timers of browsers overflow after 24 days.
const LONGEST_MS = 86_400_000;
// A token that was refused sooner than this after the last one: the next try waits.
const CALM_MS = 5_000;

/**
 * Stays connected: gets a token, connects, shows the token and later the next one, and connects
 * again as the end of a connection asks for (spec 3.6, 3.7).
 */
export class Line {
  readonly #account: Account;
  readonly #speaker: Speaker;
  readonly #dial: (url: string) => WebSocketLike;
  readonly #now: () => number;
  readonly #waiting: Waiting;
  readonly #timers: Timers<"retry" | "opening" | "renewal" | "probe">;
  #status: Status = "stopped";
  #connection: Connection | null = null;
  // Counts tries, so that what comes late of an old one is left alone.
  #try = 0;
  #token = "";
  #refused: { token: string; reason: string } | null = null;
  #goodbye: number | undefined;
  #after: number | undefined;
  #refusedAt = -Infinity;

  constructor(speaker: Speaker, o: LineOptions) {
    this.#speaker = speaker;
    this.#account = o.account;
    this.#dial = o.webSocket ?? globalDial();
    this.#now = o.now ?? Date.now;
    this.#waiting = new Waiting(o.random ?? Math.random);
    this.#timers = new Timers(o);
    o.account.on("signed-in", () => {
      if (this.#status !== "stopped") this.#connect();
    });
    o.account.on("signed-out", (reason = "signed-out") => this.#signedOut(reason));
  }

  get status(): Status {
    return this.#status;
  }

  /** Whether messages are taken: the connection is ready and the server not about to stop. */
  get isOpen(): boolean {
    return this.#status === "ready" && this.#goodbye === undefined;
  }

  start(): void {
    const idle = this.#status === "stopped" || this.#status === "signed-out";
    if (idle) this.#connect();
  }

  stop(): void {
    this.#leave();
    if (this.#status !== "stopped") this.#become({ status: "stopped" });
  }

  retryNow(): void {
    if (this.#status === "ready") this.#probe();
    else if (this.#status === "offline") {
      this.#waiting.reset();
      this.#connect();
    }
  }

  /** Sends a frame on a connection that is ready, and sees to it that something comes back. */
  send(frame: object): void {
    this.#connection?.send(frame);
    if (this.#connection && !this.#timers.has("probe"))
      this.#timers.set("probe", SILENCE_MS, () => this.#probe());
  }

  #connect(): void {
    this.#leave();
    const mine = this.#try;
    if (!this.#account.signedIn) return this.#end("signed-out", false);
    this.#speaker.meets(this.#account.user);
    this.#become({ status: "connecting" });
    // Whoever was told may have stopped it.
    if (mine !== this.#try) return;
    this.#timers.set("opening", OPENING_MS, () => this.#lost(mine, { code: 1006, reason: "" }));
    this.#fresh().then(
      (token) => {
        if (mine === this.#try) this.#open(token);
      },
      (fault: unknown) => {
        if (mine !== this.#try) return;
        if (fault instanceof SignInNeeded) return this.#signedOut(fault.reason);
        this.#leave();
        const isProblem = fault instanceof Problem;
        this.#wait(isProblem ? fault.code : "internal-error", isProblem ? fault.retryAfter : 0);
      },
    );
  }

  /** A token, and another than the one that was refused. */
  async #fresh(): Promise<string> {
    const token = await this.#account.accessToken();
    if (token !== this.#refused?.token) return token;
    const { reason } = this.#refused;
    return this.#account.replacement(token, reason === "authentication-expired" ? reason : null);
  }

  #open(token: string): void {
    const mine = this.#try;
    this.#token = token;
    const after = (this.#after = this.#speaker.after());
    const connection: Connection = new Connection({
      dial: () => this.#dial(this.#account.webSocket),
      opened: () =>
        connection.send({ type: "authenticate", token, ...(after === undefined ? {} : { after }) }),
      came: (data) => this.#take(readFrame(data)),
      closed: (how) => this.#lost(mine, how),
    });
    this.#connection = connection;
  }

  /** Ends the present try, and all that it waits for. */
  #leave(): void {
    this.#try += 1;
    this.#timers.clearAll();
    this.#connection?.close();
    this.#connection = null;
    this.#goodbye = undefined;
  }

  #lost(mine: number, how: Closed): void {
    if (mine !== this.#try) return;
    const [token, wish] = [this.#token, this.#goodbye];
    const calm = this.#now() - this.#refusedAt >= CALM_MS;
    const demand = demandOf(how);
    this.#leave();
    if (demand === "mend") this.#speaker.blamed(how);
    if (demand === "over" || demand === "renew") {
      this.#refused = { token, reason: how.reason };
      this.#refusedAt = this.#now();
    }
    if (demand === "over" && this.#account.end(token, how.reason))
      return this.#signedOut(how.reason);
    if (demand === "renew" && calm) return this.#connect();
    this.#wait(how.reason, wish);
  }

  #wait(reason: string, wish?: number): void {
    const mine = this.#try;
    const delay = this.#waiting.next(wish);
    this.#become({ status: "offline", retryAt: this.#now() + delay, reason });
    if (mine === this.#try) this.#timers.set("retry", delay, () => this.#connect());
  }

  #signedOut(reason: string): void {
    const left = reason === "signed-out" || reason === "replaced";
    if (left) this.#refused = null;
    const idle = this.#status === "stopped" || this.#status === "signed-out";
    if (!idle) this.#end(reason, left);
    else if (left) this.#speaker.signedOut(reason, left);
  }

  #end(reason: string, left: boolean): void {
    this.#leave();
    this.#become({ status: "signed-out", reason });
    this.#speaker.signedOut(reason, left);
  }

  #become(change: StatusChange): void {
    this.#status = change.status;
    this.#speaker.became(change);
  }

  #take(frame: ServerFrame | null): void {
    // Whatever it is, somebody is there.
    this.#timers.clear("probe");
    if (frame === null) return;
    if (frame.type === "goodbye") return this.#farewell(frame.retry_after);
    if (frame.type === "ready") return this.#ready(frame);
    if (this.#status !== "ready") return;
    if (frame.type === "renewed") this.#renewInTime();
    else if (isRenewalDelayed(frame))
      this.#timers.set("renewal", SHOW_AGAIN_MS, () => this.#show(this.#token));
    this.#speaker.came(frame);
  }

  #ready(frame: ReadyFrame): void {
    if (this.#status !== "connecting") return;
    const mine = this.#try;
    this.#timers.clear("opening");
    this.#waiting.reset();
    this.#refused = null;
    this.#become({ status: "ready" });
    if (mine === this.#try) this.#renewInTime();
    if (mine === this.#try) this.#speaker.ready(frame, this.#after);
  }

  /** The server stops (spec 4.15): it closes soon, and else it is left. */
  #farewell(wish: number): void {
    this.#goodbye = wish;
    this.#timers.set("opening", OPENING_MS, () => this.#connection?.drop());
  }

  #show(token: string): void {
    this.#token = token;
    this.send({ type: "authenticate", token });
  }

  /** Shows the token anew, which a server answers at once; one that does not is lost. */
  #probe(): void {
    this.#show(this.#token);
    this.#timers.set("probe", SILENCE_MS, () => this.#connection?.drop());
  }

  /** Shows a new token shortly before the present one expires (spec 3.6). */
  #renewInTime(atLeast = 1000): void {
    const mine = this.#try;
    const { renewAt } = this.#account;
    if (renewAt === null) return;
    const delay = Math.min(Math.max(renewAt - this.#now(), atLeast), LONGEST_MS);
    this.#timers.set("renewal", delay, () => {
      this.#account.accessToken().then(
        (token) => {
          if (mine !== this.#try) return;
          // Timers ring a moment early now and then, and it was not due yet.
          const isEarly = this.#now() < renewAt;
          if (token === this.#token) return this.#renewInTime(isEarly ? undefined : SHOW_AGAIN_MS);
          // What comes of it sets the next one.
          this.#show(token);
        },
        () => {
          // Over, and the account has told; or out of reach, and a little later it may be.
          if (mine === this.#try) this.#renewInTime(SHOW_AGAIN_MS);
        },
      );
    });
  }
}

/** The new token could not be checked (spec 3.6); what a message caused would name it. */
function isRenewalDelayed(frame: ServerFrame): boolean {
  return frame.type === "error" && frame.code === "unavailable" && !("re" in frame);
}

function globalDial(): (url: string) => WebSocketLike {
  const { WebSocket: Global } = globalThis;
  if (typeof Global !== "function")
    throw new TypeError(
      "There is no WebSocket here: give one, such as { webSocket: (url) => new WebSocket(url) } " +
        "with the WebSocket of the package ws.",
    );
  return (url) => new Global(url);
}
