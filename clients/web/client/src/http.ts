import { Problem } from "./problems.js";

/** What a request that succeeded brought. */
export interface Answered<T> {
  status: number;
  data: T;
  /** Shows the version, for `ifMatch` (spec 6.9). */
  etag: string | null;
  /** Where to find what was made. */
  location: string | null;
}

export interface RequestOptions {
  /** Sent as JSON. */
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  /** Do it only if this is still the version (spec 6.9). */
  ifMatch?: string;
  signal?: AbortSignal;
}

interface Sending extends RequestOptions {
  token?: string;
  /** Goes on when the page is left. */
  keepalive?: boolean;
}

// Far beyond what an answer takes; one that has not come by then does not come.
const PATIENCE_MS = 60_000;

/** The HTTP side of one server. */
export class Http {
  readonly #base: string;
  readonly #fetch: typeof fetch;

  constructor(server: string | URL, fetcher?: typeof fetch) {
    const base = new URL(server);
    if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.href} is no http address`);
    this.#base = base.origin + base.pathname.replace(/\/+$/, "");
    this.#fetch = fetcher ?? ((...request) => globalThis.fetch(...request));
  }

  /** Where the conversation is (spec 2.1). */
  get webSocket(): string {
    return `${this.#base.replace(/^http/, "ws")}/ws/assistant/`;
  }

  /**
   * Sends a request and reads the answer.
   *
   * @throws Problem what the server says against it (spec 6.5), or code `unreachable` when no
   *   answer came. An abort by `signal` comes out as it is.
   */
  async send<T>(method: string, path: string, o: Sending = {}): Promise<Answered<T>> {
    const address = this.#base + withQuery(path, o.query);
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(address, {
        method,
        headers: headers(o),
        ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
        cache: "no-store",
        credentials: "omit",
        keepalive: o.keepalive ?? false,
        signal: o.signal ?? AbortSignal.timeout(PATIENCE_MS),
      });
      text = await response.text();
    } catch (fault) {
      if (o.signal?.aborted) throw fault;
      throw new Problem({ status: 0, code: "unreachable", detail: "The server did not answer." });
    }
    const data = parsed(text);
    if (!response.ok) throw problem(response, data);
    if (text !== "" && data === undefined)
      throw new Problem({
        status: response.status,
        code: "unreadable-answer",
        detail: "The answer is not JSON.",
      });
    const header = (name: string): string | null => response.headers.get(name);
    return {
      status: response.status,
      data: data as T,
      etag: header("ETag"),
      location: header("Location"),
    };
  }
}

/** Path and query; only what is below the server's address, since a token goes with it. */
function withQuery(path: string, query: RequestOptions["query"] = {}): string {
  if (!path.startsWith("/")) throw new TypeError(`a path begins with a slash, unlike ${path}`);
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return (text && `${path}${path.includes("?") ? "&" : "?"}${text}`) || path;
}

function headers(o: Sending): Record<string, string> {
  return {
    Accept: "application/json, application/problem+json",
    ...(o.body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(o.token === undefined ? {} : { Authorization: `Bearer ${o.token}` }),
    ...(o.ifMatch === undefined ? {} : { "If-Match": o.ifMatch }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The problem of an answer; what a proxy says is none, and has the status for a code. */
function problem(response: Response, data: unknown): Problem {
  const said = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  const text = (key: string): string | undefined => {
    const value = said[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const wait = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  return new Problem({
    status: response.status,
    code: text("code") ?? `http-${response.status}`,
    detail: text("detail") ?? text("title") ?? `The server answered ${response.status}.`,
    field: text("field"),
    retryAfter: wait >= 0 ? wait : undefined,
  });
}
