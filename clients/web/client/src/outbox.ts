import type { ConversationFrame, ErrorFrame, MessageFrame } from "./frames.js";
import type { Sent } from "./memory.js";

/**
 * The messages of this device that have no outcome yet (spec 5.9): in the order in which they were
 * said, until each is done or refused.
 */
export class Outbox {
  readonly #pending: Sent[];
  // When which began to be worked on, by `seq`, and when the last turn ended.
  readonly #begun = new Map<string, number>();
  #ended = -1;

  constructor(pending: readonly Sent[] = []) {
    this.#pending = [...pending];
  }

  get pending(): readonly Sent[] {
    return [...this.#pending];
  }

  get unsent(): Sent[] {
    return this.#pending.filter(({ status }) => status === "unsent");
  }

  /** How many are with the server. */
  get underway(): number {
    return this.#pending.length - this.unsent.length;
  }

  find(id: string | undefined): Sent | undefined {
    return this.#pending.find((sent) => sent.id === id);
  }

  isBegun(sent: Sent): boolean {
    return this.#begun.has(sent.id);
  }

  add(sent: Sent): void {
    this.#pending.push(sent);
  }

  /** Takes it out with its outcome. */
  end(sent: Sent, status: "done" | "refused", error?: ErrorFrame): Sent {
    this.#pending.splice(this.#pending.indexOf(sent), 1);
    this.#begun.delete(sent.id);
    sent.status = status;
    if (error) sent.error = error;
    return sent;
  }

  /** Takes all out. */
  clear(): void {
    this.#pending.length = 0;
    this.restart();
  }

  /** Numbers from before do not count any more (spec 5.3). */
  restart(): void {
    this.#begun.clear();
    this.#ended = -1;
  }

  /**
   * A frame came, new or past.
   *
   * @returns those whose outcome it is: of a `done` the message that it names, and the one that a
   *   cancel cut off, which has no `done` of its own (5.5). It is known by this: it had begun, and
   *   another turn ended behind its beginning.
   */
  take(frame: ConversationFrame): Sent[] {
    const re = "re" in frame ? frame.re : undefined;
    const named = this.find(re);
    if (frame.type === "error" && named) named.error = frame;
    if (frame.type === "thinking" && named && !this.#begun.has(named.id))
      this.#begun.set(named.id, frame.seq);
    if (frame.type === "done") this.#ended = Math.max(this.#ended, frame.seq);
    return this.#pending
      .filter((sent) => {
        if (sent === named && frame.type === "done") return true;
        return (this.#begun.get(sent.id) ?? Infinity) < this.#ended;
      })
      .map((sent) => this.end(sent, "done"));
  }
}

/** The frame that says it. */
export function asMessage({ id, text, answers, meta }: Sent): MessageFrame {
  return {
    type: "message",
    message: text,
    id,
    ...(answers === undefined ? {} : { answers }),
    ...(meta === undefined ? {} : { meta }),
  };
}
