import type { WebSocketLike } from "../src/index.js";

type Frame = Record<string, unknown>;

/** The server's end of a WebSocket. */
export class Socket implements WebSocketLike {
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly url: string;
  readonly sent: Frame[] = [];
  isOpen = false;
  /** Set by the client's close. */
  left: number | undefined;
  /** What the server does with what comes. */
  heard: (frame: Frame) => void = () => undefined;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error("the socket is not open");
    const frame = JSON.parse(text) as Frame;
    this.sent.push(frame);
    this.heard(frame);
  }

  close(code?: number): void {
    this.isOpen = false;
    this.left ??= code ?? 1005;
  }

  /** The handshake is done. */
  open(): void {
    this.isOpen = true;
    this.onopen?.({});
  }

  /** The server sends a frame, or any text. */
  say(frame: object | string): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  /** The server closes it, or it breaks. */
  shut(code = 1006, reason = ""): void {
    this.isOpen = false;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }
}

/** All the sockets that a client opened. */
export class Sockets {
  readonly all: Socket[] = [];

  dial = (url: string): Socket => {
    const socket = new Socket(url);
    this.all.push(socket);
    return socket;
  };

  get last(): Socket {
    return this.all.at(-1)!;
  }
}

export const READY = {
  type: "ready",
  language: "en-US",
  seq: 0,
  resumed: false,
  server: { name: "pytlas-wamp", version: "1" },
  limits: {
    max_message_bytes: 65536,
    max_queued_messages: 32,
    turn_deadline_seconds: 60,
    max_remembered_ids: 1000,
    message_burst: 60,
    message_rate_per_second: 10,
  },
};
