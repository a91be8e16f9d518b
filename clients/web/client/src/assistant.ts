import type { Account } from "./account.js";
import type { Closed, WebSocketLike } from "./connection.js";
import { Conversation, type Present, type Working } from "./conversation.js";
import { Listeners } from "./events.js";
import type { AskFrame, ConversationFrame, ErrorFrame, ReadyFrame, ServerFrame } from "./frames.js";
import { Line, type Status, type StatusChange } from "./line.js";
import { type Memory, type Remembered, readMemory, type Sent } from "./memory.js";
import { asMessage, Outbox } from "./outbox.js";
import { Timers } from "./timers.js";
import { hasSeq } from "./wire.js";

export type { Status } from "./line.js";

/** What there is to listen to. */
export interface AssistantEvents {
  status: StatusChange;
  ready: ReadyFrame;
  /**
   * Each frame with `seq`, once; after `missed` numbers begin anew. `past`: it tells of the past,
   * show it where its `seq` puts it. What this device said comes as `said` too when it is replayed.
   */
  frame: { frame: ConversationFrame; past: boolean };
  question: AskFrame | null;
  context: string | null;
  language: string;
  working: Working | null;
  /** The assistant waits for the user: one may open the microphone. */
  listen: void;
  /** A message changed its status. */
  sent: Sent;
  /** The server did not take a frame; `sent` is missing when it was no message of this device. */
  refused: { error: ErrorFrame; sent?: Sent };
  /** Frames were missed that will not come: read the history (spec 5.9). */
  missed: void;
  /** The login is over, or there is none. */
  "signed-out": string;
}

export interface AssistantOptions {
  account: Account;
  /** Opens a WebSocket; needed where there is no global one, as in Node 20. */
  webSocket?: (url: string) => WebSocketLike;
  /** Keeps what should survive a reload; nothing does, if nothing is said. */
  memory?: Memory;
  /** The `seq` up to which everything is known, when the memory knows of none. */
  after?: number;
  setTimeout?: (work: () => void, milliseconds: number) => unknown;
  clearTimeout?: (timer: any) => void;
  /** From 0 to 1, as `Math.random`. */
  random?: () => number;
  /** The time in milliseconds since the epoch. */
  now?: () => number;
  /** A new id for a message, unique among all devices of the person (spec 5.3). */
  newId?: () => string;
}

// Below every `max_queued_messages` that makes sense (spec 5.2); the rest waits here.
const UNDERWAY = 16;
// Shortest wait of a message that came too fast.
const HOLD_SECONDS = 0.5;

/**
 * The conversation of the person who is signed in (spec 5): it connects, resumes, and sends every
 * message safely, over all that may happen to the connection.
 */
export class Assistant {
  readonly #memory: Memory | undefined;
  readonly #newId: () => string;
  readonly #listeners = new Listeners<AssistantEvents>();
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #line: Line;
  readonly #timers: Timers<"hold">;
  // Undefined: nobody was met yet.
  #user: number | null | undefined;
  #limits: ReadyFrame["limits"] | null = null;
  #remembered = "";

  /** Does nothing before `start`. */
  constructor(o: AssistantOptions) {
    const { last = o.after, sent, user } = readMemory(o.memory);
    this.#memory = o.memory;
    this.#newId = o.newId ?? randomId;
    this.#timers = new Timers(o);
    this.#conversation = new Conversation(o.now ?? Date.now, last);
    this.#outbox = new Outbox(sent);
    this.#user = user;
    this.#line = new Line(
      {
        meets: (person) => this.#meets(person),
        after: () => this.#conversation.last,
        became: (change) => {
          this.#timers.clear("hold");
          this.#emit("status", change);
        },
        ready: (frame, after) => this.#ready(frame, after),
        came: (frame) => this.#came(frame),
        blamed: (how) => this.#blamed(how),
        signedOut: (reason, left) => {
          if (left) this.#forget(undefined);
          this.#emit("signed-out", reason);
        },
      },
      o,
    );
  }

  get status(): Status {
    return this.#line.status;
  }

  /** The question that waits for an answer; null also from the reply on. */
  get question(): AskFrame | null {
    return this.#conversation.present.question;
  }

  /** The name of the context (spec 5.6), null at the root. */
  get context(): string | null {
    return this.#conversation.present.context;
  }

  /** The language of the person, null before the first `ready`. */
  get language(): string | null {
    return this.#conversation.present.language;
  }

  get working(): Working | null {
    return this.#conversation.present.working;
  }

  /** The highest `seq` seen, 0 when none was. */
  get last(): number {
    return this.#conversation.last ?? 0;
  }

  /** The messages of this device without an outcome, in their order. */
  get pending(): readonly Sent[] {
    return this.#outbox.pending;
  }

  /** The limits of the server; null before the first `ready`. */
  get limits(): ReadyFrame["limits"] | null {
    return this.#limits;
  }

  /** Calls the listener with every such event, until what this returns is called. */
  on<E extends keyof AssistantEvents>(
    event: E,
    listener: (value: AssistantEvents[E]) => void,
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  /** Connects, and stays connected until `stop`. */
  start(): void {
    this.#line.start();
  }

  /** Disconnects. What was said and has no outcome waits for the next `start`. */
  stop(): void {
    this.#line.stop();
  }

  /**
   * Tries now, say because the network is back. With a connection, finds out whether it still is
   * one.
   */
  retryNow(): void {
    this.#line.retryNow();
  }

  /**
   * Says it, as soon as there is a connection.
   *
   * @param o.answers the `seq` of the question that it is the reply to (spec 5.4); give it when a
   *   person chose among `choices`.
   * @param o.meta reaches the skill; what JSON holds.
   */
  say(text: string, o: { answers?: number; meta?: Record<string, unknown> } = {}): Sent {
    const { answers, meta } = o;
    const sent: Sent = {
      id: this.#newId(),
      text,
      ...(answers === undefined ? {} : { answers }),
      // A copy, which is also how whoever gives what JSON does not hold learns of it here.
      ...(meta === undefined ? {} : { meta: JSON.parse(JSON.stringify(meta)) }),
      status: "unsent",
    };
    this.#outbox.add(sent);
    this.#change(() => this.#conversation.reply(sent.id));
    this.#emit("sent", sent);
    this.#flush();
    return sent;
  }

  /** Says the same as a new message; to be used after an error (spec 5.3). */
  sayAgain({ text, answers, meta }: Sent): Sent {
    return this.say(text, {
      ...(answers !== undefined && answers === this.question?.seq ? { answers } : {}),
      ...(meta === undefined ? {} : { meta }),
    });
  }

  /** Stops what is going on, whoever began it (spec 5.5). Without a connection it does nothing. */
  cancel(): void {
    if (!this.#line.isOpen) return;
    const id = this.#newId();
    this.#change(() => this.#conversation.reply(id));
    this.#line.send({ type: "cancel", id });
  }

  #meets(user: number | null): void {
    if (this.#user !== undefined && this.#user !== user) this.#forget(user);
    this.#user = user;
    this.#remember();
  }

  /** Somebody else is here: numbers and messages were another's (spec 5.9, trap). */
  #forget(user: number | null | undefined): void {
    this.#user = user;
    this.#outbox.clear();
    this.#change(() => this.#conversation.forget());
    this.#remember();
  }

  #ready(frame: ReadyFrame, after: number | undefined): void {
    this.#limits = frame.limits;
    if (!frame.resumed) this.#outbox.restart();
    this.#change(() => this.#conversation.ready(frame));
    this.#remember();
    this.#emit("ready", frame);
    if (after !== undefined && !frame.resumed) this.#emit("missed", undefined);
    this.#again();
  }

  #came(frame: ServerFrame): void {
    if (hasSeq(frame)) this.#hear(frame);
    else if (frame.type === "error") this.#refuse(frame);
  }

  #hear(frame: ConversationFrame): void {
    const before = this.#conversation.present;
    const novelty = this.#conversation.take(frame);
    const over = this.#outbox.take(frame);
    this.#remember();
    if (novelty !== "known") this.#emit("frame", { frame, past: novelty === "past" });
    this.#tell(before);
    for (const sent of over) this.#emit("sent", sent);
    if (novelty === "new" && frame.type === "done" && frame.require_input)
      this.#emit("listen", undefined);
    this.#flush();
  }

  /** An error without `seq`: a frame of this device was not taken (spec 4.14). */
  #refuse(error: ErrorFrame): void {
    const { code, re } = error;
    const sent = this.#outbox.find(re);
    if (sent && code === "rate-limited") {
      // The same again, with the same id, when the time is over (spec 3.8); nothing overtakes it.
      const seconds = Math.max(error.retry_after ?? 1, HOLD_SECONDS);
      this.#timers.set("hold", seconds * 1000, () => this.#flush());
      return this.#unsend(sent);
    }
    // The server that comes back takes it (spec 3.7).
    if (sent && code === "unavailable" && !this.#line.isOpen) return this.#unsend(sent);
    if (sent) this.#fail(sent, error);
    else {
      if (re !== undefined) this.#change(() => this.#conversation.unreply(re));
      this.#emit("refused", { error });
    }
    this.#flush();
  }

  #unsend(sent: Sent): void {
    sent.status = "unsent";
    this.#remember();
    this.#emit("sent", sent);
  }

  #fail(sent: Sent, error: ErrorFrame): void {
    this.#outbox.end(sent, "refused", error);
    this.#change(() => this.#conversation.unreply(sent.id));
    this.#remember();
    this.#emit("sent", sent);
    this.#emit("refused", { error, sent });
  }

  /** The connection ended by what was sent: do not send the same again (spec 3.7). */
  #blamed({ code, reason }: Closed): void {
    for (const sent of this.#outbox.pending)
      if (sent.status === "sent" && !this.#outbox.isBegun(sent))
        this.#fail(sent, ours(sent, reason || `close-${code}`, "the server hung up on it", false));
  }

  /** Sends again what has no outcome (spec 5.9, step 5), where that is safe (4.5). */
  #again(): void {
    const safe = this.#limits?.max_remembered_ids !== undefined;
    for (const sent of this.#outbox.pending)
      if (sent.status === "sent") {
        if (safe) sent.status = "unsent";
        else this.#fail(sent, ours(sent, "outcome-unknown", "the connection was lost", true));
      }
    this.#flush();
  }

  #flush(): void {
    for (const sent of this.#outbox.unsent) {
      const held = this.#timers.has("hold") || this.#outbox.underway >= UNDERWAY;
      if (held || !this.#line.isOpen) break;
      // Whoever was told of one before may have sent this one.
      if (sent.status === "unsent") this.#transmit(sent);
    }
    this.#remember();
  }

  #transmit(sent: Sent): void {
    const frame = asMessage(sent);
    const length = new TextEncoder().encode(JSON.stringify(frame)).length;
    if (length > (this.#limits?.max_message_bytes ?? Infinity)) {
      const error = ours(sent, "too-big", "the message is too long for the server", false);
      return this.#fail(sent, error);
    }
    sent.status = "sent";
    this.#change(() => this.#conversation.reply(sent.id));
    this.#line.send(frame);
    this.#emit("sent", sent);
  }

  #emit<E extends keyof AssistantEvents>(event: E, value: AssistantEvents[E]): void {
    this.#listeners.emit(event, value);
  }

  /** Does it, and tells what it changed. */
  #change(work: () => void): void {
    const before = this.#conversation.present;
    work();
    this.#tell(before);
  }

  #tell(before: Present): void {
    const now = this.#conversation.present;
    if (now.question !== before.question) this.#emit("question", now.question);
    if (now.context !== before.context) this.#emit("context", now.context);
    if (now.working !== before.working) this.#emit("working", now.working);
    if (now.language !== before.language && now.language !== null)
      this.#emit("language", now.language);
  }

  #remember(): void {
    const { last } = this.#conversation;
    const state: Remembered = { sent: [...this.#outbox.pending] };
    if (last !== undefined) state.last = last;
    if (typeof this.#user === "number") state.user = this.#user;
    const text = JSON.stringify(state);
    if (text === this.#remembered) return;
    this.#remembered = text;
    try {
      const empty = last === undefined && state.sent.length === 0;
      this.#memory?.write(empty ? null : (JSON.parse(text) as Remembered));
    } catch (fault) {
      console.error("The memory failed:", fault);
    }
  }
}

/** A new id. `crypto.randomUUID` exists with https only. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An error that this side says, in the shape of the server's. */
function ours(sent: Sent, code: string, message: string, retryable: boolean): ErrorFrame {
  return { type: "error", code, message, retryable, re: sent.id };
}
