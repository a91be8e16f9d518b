import { settled } from "./clock.js";

type Answer = { status: number; body?: unknown; headers?: Record<string, string>; text?: string };

/** The tokens and requests of a server, as spec 6 has them, without a network. */
export class Server {
  readonly requests: string[] = [];
  readonly tokens: (string | null)[] = [];
  /** Refresh tokens that are good, and access tokens likewise. */
  readonly refreshes = new Set<string>();
  readonly accesses = new Set<string>();
  readonly revoked: string[] = [];
  life = 3600;
  /** In place of an answer to what begins so: that, or silence. */
  readonly faults = new Map<string, Answer | "unreachable" | "lost">();
  /** What waits here waits on. */
  gate: Promise<void> | null = null;
  #made = 0;

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const what = `${init.method} ${url.pathname}${url.search}`;
    const body = init.body ? (JSON.parse(String(init.body)) as Record<string, string>) : {};
    const shown = new Headers(init.headers).get("Authorization")?.replace("Bearer ", "") ?? null;
    this.requests.push(what);
    this.tokens.push(shown);
    await settled();
    if (what.includes("refresh") && this.gate) await this.gate;
    if (init.signal?.aborted) throw new DOMException("stopped", "AbortError");
    const fault = [...this.faults].find(([start]) => what.startsWith(start))?.[1];
    if (fault === "unreachable") throw new TypeError("fetch failed");
    if (fault !== undefined && fault !== "lost") return answer(fault);
    const given = this.#take(what, body, shown);
    if (fault === "lost") throw new TypeError("the connection was cut");
    return answer(given);
  };

  pair(): { access: string; refresh: string } {
    this.#made += 1;
    const pair = { access: `access-${this.#made}`, refresh: `refresh-${this.#made}` };
    this.accesses.add(pair.access);
    this.refreshes.add(pair.refresh);
    return pair;
  }

  end(): void {
    this.accesses.clear();
    this.refreshes.clear();
  }

  #take(what: string, body: Record<string, string>, shown: string | null): Answer {
    const token = body["token"] ?? "";
    switch (what) {
      case "GET /api/setup":
        return { status: 200, body: { needed: true } };
      case "POST /api/setup":
        return body["code"] === "right"
          ? { status: 201, body: this.pair() }
          : refusal(403, "wrong-code");
      case "POST /api/token":
        return body["password"] === "right"
          ? { status: 200, body: this.pair() }
          : refusal(401, "authentication-failed");
      case "POST /api/token/verify":
        return this.accesses.has(token) || this.refreshes.has(token)
          ? { status: 200, body: { token_type: "access", user_id: 1, expires_in: this.life } }
          : refusal(401, "token-revoked");
      case "POST /api/token/refresh":
        if (!this.refreshes.delete(body["refresh"] ?? "")) {
          this.end();
          return refusal(401, "token-revoked");
        }
        return { status: 200, body: this.pair() };
      case "POST /api/token/revoke":
        this.revoked.push(token);
        return { status: 204 };
    }
    if (!this.accesses.has(shown ?? "")) return refusal(401, "token-expired");
    if (what === "GET /api/me") return { status: 200, body: { id: 1 }, headers: { ETag: '"1"' } };
    if (what === "DELETE /api/me/logins") return { status: 204 };
    if (what.startsWith("GET /api/me/history"))
      return { status: 200, body: { frames: [], before: 9 } };
    return refusal(404, "not-found");
  }
}

export function refusal(status: number, code: string, more: object = {}): Answer {
  return { status, body: { type: "", title: "", status, detail: `It is ${code}.`, code, ...more } };
}

function answer({ status, body, headers = {}, text }: Answer): Response {
  const written = text ?? (body === undefined ? null : JSON.stringify(body));
  return new Response(written, { status, headers });
}
