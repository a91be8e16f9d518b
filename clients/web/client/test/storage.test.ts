import { afterEach, describe, expect, test, vi } from "vitest";
import { Account, BrowserMemory, BrowserTokenStore } from "../src/index.js";
import { Server } from "./server.js";

/** As `localStorage`, of several tabs. */
class Shelf {
  readonly items = new Map<string, string>();
  isFull = false;
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  };
  removeItem = (key: string): void => void this.items.delete(key);
}

afterEach(() => void vi.unstubAllGlobals());

describe("a login in the browser", () => {
  test("is there for the other tabs", () => {
    vi.stubGlobal("localStorage", new Shelf());
    const [one, two] = [new BrowserTokenStore("login"), new BrowserTokenStore("login")];
    expect(two.read()).toBeNull();
    const login = { access: "a", refresh: "r", expiresAt: 2, renewAt: 1, user: 3 };
    one.write(login);
    expect(two.read()).toEqual(login);
    two.write(null);
    expect(one.read()).toBeNull();
  });

  test("is none when what is kept is nonsense", () => {
    const shelf = new Shelf();
    vi.stubGlobal("localStorage", shelf);
    for (const text of ["{", "1", "null", "[]", '{"access":1}', '""']) {
      shelf.items.set("login", text);
      expect(new BrowserTokenStore("login").read()).toBeNull();
    }
    shelf.items.set("login", '{"access":"a","refresh":1,"user":"x"}');
    expect(new BrowserTokenStore("login").read()).toEqual({ access: "a" });
  });

  test.each(["missing", "forbidden", "full"])(
    "lasts as long as the page with storage that is %s",
    (how) => {
      const shelf = new Shelf();
      shelf.isFull = true;
      if (how === "full") vi.stubGlobal("localStorage", shelf);
      else if (how === "missing") vi.stubGlobal("localStorage", undefined);
      else
        Object.defineProperty(globalThis, "localStorage", {
          configurable: true,
          get: () => {
            throw new DOMException("no", "SecurityError");
          },
        });
      const store = new BrowserTokenStore("login");
      store.write({ access: "a" });
      expect(store.read()).toEqual({ access: "a" });
      store.write(null);
      expect(store.read()).toBeNull();
      if (how === "forbidden") delete (globalThis as { localStorage?: unknown }).localStorage;
    },
  );

  test("tells when another tab changes it", () => {
    const listeners = new Set<(event: object) => void>();
    vi.stubGlobal("addEventListener", (_: string, listener: () => void) => listeners.add(listener));
    vi.stubGlobal("removeEventListener", (_: string, listener: () => void) =>
      listeners.delete(listener),
    );
    const shelf = new Shelf();
    vi.stubGlobal("localStorage", shelf);
    const told: string[] = [];
    const store = new BrowserTokenStore("login");
    store.write({ access: "a", user: 1 });
    const account = new Account({ server: "http://home.example", store });
    account.on("signed-out", (reason) => told.push(`out: ${reason}`));
    account.on("signed-in", () => told.push("in"));
    const other = (login: object | null, key: string | null = "login"): void => {
      if (login) shelf.setItem("login", JSON.stringify(login));
      else shelf.removeItem("login");
      for (const listener of listeners) listener({ key });
    };
    other({ access: "b", user: 1 });
    expect(told).toEqual([]);
    other({ access: "b", user: 1 }, "something else");
    other(null);
    expect(told).toEqual(["out: signed-out"]);
    other({ access: "c", user: 2 });
    other({ access: "d", user: 3 });
    expect(told).toEqual(["out: signed-out", "in", "out: replaced", "in"]);
    other(null, null);
    expect(told.at(-1)).toBe("out: signed-out");
    const left = store.watch(() => told.push("heard"));
    left();
    other(null);
    expect(told).not.toContain("heard");
  });
});

describe("two tabs that refresh at once", () => {
  const refreshes = async (): Promise<[string[], number]> => {
    const server = new Server();
    const tabs = [1, 2, 3].map(
      () =>
        new Account({
          server: "http://home.example",
          store: new BrowserTokenStore("login"),
          fetch: server.fetch,
        }),
    );
    await tabs[0]!.signIn({ username: "alice", password: "right" });
    const tokens = await Promise.all(tabs.map((tab) => tab.renew()));
    return [tokens, server.requests.filter((what) => what.endsWith("refresh")).length];
  };

  test("take turns by the locks of the browser", async () => {
    let last: Promise<unknown> = Promise.resolve();
    const request = (_: string, work: () => Promise<unknown>): Promise<unknown> => {
      last = last.then(work, work);
      return last;
    };
    vi.stubGlobal("localStorage", new Shelf());
    vi.stubGlobal("navigator", { locks: { request } });
    expect(await refreshes()).toEqual([Array(3).fill("access-2"), 1]);
  });

  test("take turns by a note, where there are no locks", async () => {
    vi.stubGlobal("localStorage", new Shelf());
    vi.stubGlobal("navigator", {});
    expect(await refreshes()).toEqual([Array(3).fill("access-2"), 1]);
  });

  test("leave the turn to the one whose note stayed", async () => {
    const shelf = new Shelf();
    vi.stubGlobal("localStorage", shelf);
    vi.stubGlobal("navigator", {});
    const order: string[] = [];
    const mine = new BrowserTokenStore("login").exclusive(async () => order.push("mine"));
    while (!shelf.items.has("login-turn")) await Promise.resolve();
    // In the same moment another tab, which saw no note either, wrote its own.
    shelf.setItem("login-turn", `${Date.now() + 60_000} other`);
    await new Promise((done) => setTimeout(done, 300));
    order.push("the other's");
    shelf.removeItem("login-turn");
    await mine;
    expect(order).toEqual(["the other's", "mine"]);
  });

  test("do not wait for a tab that died", async () => {
    const shelf = new Shelf();
    shelf.setItem("login-turn", `${Date.now() - 1} 0.5`);
    vi.stubGlobal("localStorage", shelf);
    vi.stubGlobal("navigator", {});
    expect(await new BrowserTokenStore("login").exclusive(async () => "done")).toBe("done");
    expect(shelf.getItem("login-turn")).toBeNull();
  });
});

describe("what survives a reload", () => {
  test("is kept for the tab", () => {
    vi.stubGlobal("sessionStorage", new Shelf());
    const memory = new BrowserMemory("chat");
    expect(memory.read()).toBeNull();
    memory.write({ last: 3, sent: [] });
    expect(new BrowserMemory("chat").read()).toEqual({ last: 3, sent: [] });
    memory.write(null);
    expect(memory.read()).toBeNull();
  });

  test("is nothing where that is forbidden", () => {
    const shelf = new Shelf();
    shelf.isFull = true;
    vi.stubGlobal("sessionStorage", shelf);
    const memory = new BrowserMemory("chat");
    memory.write({ sent: [] });
    shelf.items.set("chat", "{");
    expect(memory.read()).toBeNull();
  });
});
