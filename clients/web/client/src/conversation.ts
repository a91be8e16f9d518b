import type { AskFrame, ConversationFrame, ReadyFrame } from "./frames.js";

/** A skill is at work. */
export interface Working {
  /** Since when, in milliseconds since the epoch. */
  since: number;
  /** The `id` of the message that it works on. */
  re?: string;
}

/** What a client shows beside what was said. */
export interface Present {
  question: AskFrame | null;
  context: string | null;
  language: string | null;
  working: Working | null;
}

/**
 * `new`: act on it. `past`: only show it (spec 5.3, trap). `known`: it was here before.
 */
export type Novelty = "new" | "past" | "known";

// So many numbers are known by heart. What comes twice comes soon after a `ready`.
const KNOWN = 4096;

/** How the conversation stands, by the frames that came (spec 5.9, steps 3 and 4). */
export class Conversation {
  /** The highest `seq` seen; undefined before the first `ready`, unless it was remembered. */
  last: number | undefined;
  readonly #now: () => number;
  #context: string | null = null;
  #language: string | null = null;
  #working: Working | null = null;
  #asked: AskFrame | null = null;
  #answering: string | null = null;
  #presenting = false;
  readonly #known = new Set<number>();

  constructor(now: () => number, last?: number) {
    this.#now = now;
    this.last = last;
  }

  get present(): Present {
    return {
      question: this.#answering === null ? this.#asked : null,
      context: this.#context,
      language: this.#language,
      working: this.#working,
    };
  }

  /** Forgets all: somebody else is signed in. */
  forget(): void {
    this.#begin();
    this.last = undefined;
    this.#language = null;
  }

  /** A connection is there. */
  ready(frame: ReadyFrame): void {
    this.#language = frame.language;
    if (!frame.resumed) {
      this.#begin();
      this.last = frame.seq;
    }
    this.#presenting = !frame.resumed;
  }

  /** A frame came; what is above `last`, and the present state behind a `ready`, counts. */
  take(frame: ConversationFrame): Novelty {
    const presents = this.#presents(frame);
    this.#presenting &&= presents;
    const isNew = frame.seq > (this.last ?? -1);
    if (!isNew && this.#known.has(frame.seq)) return "known";
    this.#remember(frame.seq);
    if (!isNew && !presents) return "past";
    if (isNew) this.last = frame.seq;
    this.#act(frame);
    return "new";
  }

  /** The device sent what ends a question (spec 3.5): it is hidden until one knows. */
  reply(id: string): void {
    if (this.#asked) this.#answering ??= id;
  }

  /** The server did not take it: the question is open again. */
  unreply(id: string): void {
    if (this.#answering === id) this.#answering = null;
  }

  #begin(): void {
    this.#asked = this.#answering = this.#context = this.#working = null;
    this.#known.clear();
  }

  /** Whether it is of the present state (spec 5.9): a context, then a question, at once. */
  #presents({ type, seq }: ConversationFrame): boolean {
    if (!this.#presenting || seq > (this.last ?? -1)) return false;
    return type === "ask" || (type === "context" && this.#asked === null);
  }

  #act(frame: ConversationFrame): void {
    switch (frame.type) {
      case "thinking": {
        const { re } = frame;
        this.#working = { since: this.#now(), ...(re === undefined ? {} : { re }) };
        return this.#settle();
      }
      case "done":
        this.#working = null;
        return this.#settle();
      case "said":
        return this.#settle();
      case "ask":
        this.#asked = frame;
        this.#answering = null;
        return;
      case "context":
        this.#context = frame.name;
        return;
      case "language":
        this.#language = frame.language;
    }
  }

  #settle(): void {
    this.#asked = this.#answering = null;
  }

  #remember(seq: number): void {
    this.#known.add(seq);
    if (this.#known.size > KNOWN)
      for (const oldest of this.#known) {
        this.#known.delete(oldest);
        break;
      }
  }
}
