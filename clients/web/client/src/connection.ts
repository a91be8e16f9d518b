/** What a WebSocket has to have; those of browsers, of Node from 22 on, and of `ws` do. */
export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** How a connection ended. */
export interface Closed {
  code: number;
  reason: string;
}

const LOST: Closed = { code: 1006, reason: "" };

/** One connection, from its opening to its end, which is told once. */
export class Connection {
  readonly #socket: WebSocketLike | null;
  readonly #closed: (how: Closed) => void;
  #over = false;

  constructor(o: {
    dial: () => WebSocketLike;
    opened: () => void;
    came: (data: unknown) => void;
    closed: (how: Closed) => void;
  }) {
    this.#closed = o.closed;
    try {
      this.#socket = o.dial();
    } catch {
      this.#socket = null;
      // Whoever made this does not have it yet.
      queueMicrotask(() => this.#end(LOST));
      return;
    }
    this.#socket.onopen = () => {
      if (!this.#over) o.opened();
    };
    this.#socket.onmessage = (event: { data?: unknown } | undefined) => {
      if (!this.#over) o.came(event?.data);
    };
    this.#socket.onclose = (event: { code?: unknown; reason?: unknown } | undefined) =>
      this.#end({
        code: typeof event?.code === "number" ? event.code : LOST.code,
        reason: typeof event?.reason === "string" ? event.reason : "",
      });
    // `onclose` follows, and says more. Without a listener `ws` would end the program.
    this.#socket.onerror = () => undefined;
  }

  /** Sends the frame; a connection that cannot is lost. */
  send(frame: object): void {
    if (this.#over) return;
    try {
      this.#socket?.send(JSON.stringify(frame));
    } catch {
      this.drop();
    }
  }

  /** Closes it, without telling. */
  close(): void {
    this.#over = true;
    try {
      this.#socket?.close(1000);
    } catch {
      // One that cannot be closed is forgotten.
    }
  }

  /** Gives it up: it is as if it had been lost. */
  drop(): void {
    if (this.#over) return;
    this.close();
    this.#closed(LOST);
  }

  #end(how: Closed): void {
    if (this.#over) return;
    this.#over = true;
    this.#closed(how);
  }
}
