import { describe, expect, test } from "vitest";
import {
  Account,
  MemoryTokenStore,
  Problem,
  SignInNeeded,
  type StoredLogin,
} from "../src/index.js";
import { Clock } from "./clock.js";
import { refusal, Server } from "./server.js";

function home(): {
  server: Server;
  clock: Clock;
  store: MemoryTokenStore;
  account: Account;
  told: string[];
} {
  const server = new Server();
  const clock = new Clock();
  const store = new MemoryTokenStore();
  const account = open(server, clock, store);
  const told: string[] = [];
  account.on("signed-in", () => told.push("in"));
  account.on("signed-out", (reason) => told.push(`out: ${reason}`));
  return { server, clock, store, account, told };
}

function open(server: Server, clock: Clock, store: MemoryTokenStore): Account {
  return new Account({
    server: "http://home.example/sub/",
    store,
    fetch: at(server),
    now: clock.now,
  });
}

/** The server is behind a proxy that has it below /sub. */
function at(server: Server): typeof fetch {
  return (input, init) =>
    server.fetch(String(input).replace("home.example/sub/", "home.example/"), init);
}

async function signedIn(): Promise<ReturnType<typeof home>> {
  const all = home();
  await all.account.signIn({ username: "alice", password: "right" });
  all.server.requests.length = 0;
  all.server.tokens.length = 0;
  return all;
}

const fault = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no fault",
    (it) => it,
  );

describe("signing in", () => {
  test("keeps the tokens, whose they are, and until when they are good", async () => {
    const { account, store, clock, told } = home();
    expect(account.signedIn).toBe(false);
    await account.signIn({ username: "alice", password: "right", client: "test" });

    const expiresAt = clock.time + 3_600_000;
    expect(store.read()).toEqual({
      access: "access-1",
      refresh: "refresh-1",
      user: 1,
      expiresAt,
      renewAt: expiresAt - 60_000,
    });
    expect([account.signedIn, account.user, told]).toEqual([true, 1, ["in"]]);
    expect(account.webSocket).toBe("ws://home.example/sub/ws/assistant/");
  });

  test("with a wrong password is a problem, and changes nothing", async () => {
    const { account, told } = home();
    const problem = await fault(account.signIn({ username: "alice", password: "wrong" }));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 401, code: "authentication-failed" });
    expect([account.signedIn, told]).toEqual([false, []]);
  });

  test("works when the server does not tell how long it lasts", async () => {
    const { account, server, store } = home();
    server.faults.set("POST /api/token/verify", refusal(503, "unavailable"));
    await account.signIn({ username: "alice", password: "right" });
    expect(store.read()).toEqual({ access: "access-1", refresh: "refresh-1" });
    expect(await account.accessToken()).toBe("access-1");
  });

  test("of an answer without tokens is a problem", async () => {
    const { account, server } = home();
    server.faults.set("POST /api/token", { status: 200, text: "<html>" });
    expect(await fault(account.signIn({ username: "a", password: "b" }))).toMatchObject({
      code: "unreadable-answer",
    });
    server.faults.set("POST /api/token", { status: 200, body: { access: 1 } });
    expect(await fault(account.signIn({ username: "a", password: "b" }))).toMatchObject({
      code: "unreadable-answer",
    });
  });

  test("with the first account", async () => {
    const { account, told } = home();
    expect(await account.setupNeeded()).toBe(true);
    expect(await fault(account.setUp({ code: "no", username: "a", password: "b" }))).toMatchObject({
      code: "wrong-code",
    });
    await account.setUp({ code: "right", username: "alice", password: "b" });
    expect(told).toEqual(["in"]);
  });

  test("as somebody else ends what was", async () => {
    const { account, told } = await signedIn();
    account.useToken("device");
    expect(told).toEqual(["in", "out: replaced", "in"]);
    expect([account.user, account.renewAt]).toEqual([null, null]);
  });
});

describe("signing out", () => {
  test("forgets at once, and tells the server", async () => {
    const { account, server, told } = await signedIn();
    const done = account.signOut();
    expect([account.signedIn, told]).toEqual([false, ["in", "out: signed-out"]]);
    await done;
    expect(server.revoked).toEqual(["refresh-1"]);
    await account.signOut();
    expect(server.requests).toEqual(["POST /api/token/revoke"]);
  });

  test("works without the server", async () => {
    const { account, server } = await signedIn();
    server.faults.set("", "unreachable");
    await account.signOut();
    expect(account.signedIn).toBe(false);
  });

  test("everywhere ends all logins", async () => {
    const { account, server } = await signedIn();
    await account.signOut({ everywhere: true });
    expect([server.requests, account.signedIn]).toEqual([["DELETE /api/me/logins"], false]);
  });

  test("everywhere says when the server could not be told, but forgets here", async () => {
    const { account, server } = await signedIn();
    server.faults.set("DELETE", "unreachable");
    expect(await fault(account.signOut({ everywhere: true }))).toMatchObject({
      code: "unreachable",
      status: 0,
    });
    expect(account.signedIn).toBe(false);
  });

  test("everywhere with a login that is over is no fault", async () => {
    const { account, server } = await signedIn();
    server.end();
    await account.signOut({ everywhere: true });
    expect(account.signedIn).toBe(false);
  });
});

describe("requests", () => {
  test("go with the token, the query and the version", async () => {
    const { account, server } = await signedIn();
    expect(await account.request("GET", "/api/me")).toEqual({
      status: 200,
      data: { id: 1 },
      etag: '"1"',
      location: null,
    });
    await account.history({ limit: 5 });
    expect(server.requests).toEqual(["GET /api/me", "GET /api/me/history?limit=5"]);
    expect(server.tokens).toEqual(["access-1", "access-1"]);
    expect(await account.history({ before: 3 })).toEqual({ frames: [], before: 9 });
  });

  test("never go to another host", async () => {
    const { account, server } = await signedIn();
    for (const path of ["@evil.example/", ".evil.example", "http://evil.example"])
      expect(await fault(account.request("GET", path))).toBeInstanceOf(TypeError);
    await fault(account.request("GET", "//evil.example/"));
    expect(server.requests).toEqual(["GET //evil.example/"]);
    expect(() => new Account({ server: "ftp://home.example" })).toThrow("no http address");
  });

  test("say what the server has against them", async () => {
    const { account, server } = await signedIn();
    server.faults.set("PUT", {
      ...refusal(400, "invalid-request", { field: "value" }),
      headers: { "Retry-After": "7" },
    });
    const problem = await fault(
      account.request("PUT", "/api/me/settings/A", { body: { value: 1 }, ifMatch: "*" }),
    );
    expect(problem).toMatchObject({
      status: 400,
      code: "invalid-request",
      field: "value",
      retryAfter: 7,
      detail: "It is invalid-request.",
    });
    server.faults.set("PUT", { status: 502, text: "<h1>Bad gateway</h1>" });
    expect(await fault(account.request("PUT", "/api/x"))).toMatchObject({
      status: 502,
      code: "http-502",
    });
  });

  test("that the caller aborts end as such", async () => {
    const { account } = await signedIn();
    expect(
      await fault(account.request("GET", "/api/me", { signal: AbortSignal.abort() })),
    ).toMatchObject({ name: "AbortError" });
  });

  test("with a token that is over are made again with a new one, once", async () => {
    const { account, server } = await signedIn();
    server.accesses.clear();
    expect((await account.request("GET", "/api/me")).status).toBe(200);
    expect(server.tokens.filter(Boolean)).toEqual(["access-1", "access-2"]);
    server.faults.set("GET /api/me", refusal(401, "token-invalid"));
    expect(await fault(account.request("GET", "/api/me"))).toMatchObject({
      name: "SignInNeeded",
      reason: "token-invalid",
    });
    expect(account.signedIn).toBe(false);
  });

  test("with a device token that is over end it", async () => {
    const { account, told } = home();
    account.useToken("device");
    expect(await fault(account.request("GET", "/api/me"))).toMatchObject({
      reason: "token-expired",
    });
    expect(told).toEqual(["in", "out: token-expired"]);
    expect(await fault(account.accessToken())).toMatchObject({ reason: "signed-out" });
  });

  test("that are forbidden leave the token alone", async () => {
    const { account, server } = await signedIn();
    server.faults.set("GET /api/me", refusal(403, "forbidden"));
    expect(await fault(account.request("GET", "/api/me"))).toMatchObject({ status: 403 });
    expect([server.requests, account.signedIn]).toEqual([["GET /api/me"], true]);
  });
});

describe("renewal", () => {
  test("comes when less than a minute is left", async () => {
    const { account, clock } = await signedIn();
    clock.time += 3_540_000 - 1;
    expect(await account.accessToken()).toBe("access-1");
    clock.time += 1;
    expect(await account.accessToken()).toBe("access-2");
    expect(account.user).toBe(1);
    expect(account.renewAt).toBe(clock.time + 3_540_000);
  });

  test("of a short life comes at half of it", async () => {
    const { account, server, clock } = home();
    server.life = 20;
    await account.signIn({ username: "alice", password: "right" });
    expect(account.renewAt).toBe(clock.time + 10_000);
  });

  test("happens once for all who ask", async () => {
    const { account, server } = await signedIn();
    const [one, two] = [account.renew(), account.renew()];
    expect([await one, await two]).toEqual(["access-2", "access-2"]);
    expect(server.requests.filter((what) => what.endsWith("refresh"))).toHaveLength(1);
  });

  test("happens once over all tabs", async () => {
    const { account, server, store, clock } = await signedIn();
    const other = open(server, clock, store);
    clock.time += 3_550_000;
    const tokens = await Promise.all([
      account.accessToken(),
      other.accessToken(),
      other.renew(),
      account.accessToken(),
    ]);
    expect(tokens).toEqual(Array(4).fill("access-2"));
    expect(server.requests.filter((what) => what.endsWith("refresh"))).toHaveLength(1);
    expect(account.signedIn && other.signedIn).toBe(true);
  });

  test("of which the answer gets lost ends the login, and is not tried again", async () => {
    const { account, server, told } = await signedIn();
    server.faults.set("POST /api/token/refresh", "lost");
    expect(await fault(account.renew())).toMatchObject({
      name: "SignInNeeded",
      reason: "refresh-lost",
    });
    expect(await fault(account.renew())).toMatchObject({ reason: "signed-out" });
    expect(server.requests.filter((what) => what.endsWith("refresh"))).toHaveLength(1);
    expect(told.at(-1)).toBe("out: refresh-lost");
  });

  test.each([
    { status: 500, text: "" },
    { status: 502, text: "<h1>" },
    { status: 200, text: "{" },
  ])("of which the answer is %j is lost, too", async (answer) => {
    const { account, server } = await signedIn();
    server.faults.set("POST /api/token/refresh", answer);
    expect(await fault(account.renew())).toMatchObject({ reason: "refresh-lost" });
  });

  test("that was not taken can be tried again", async () => {
    const { account, server, store } = await signedIn();
    server.faults.set("POST /api/token/refresh", refusal(503, "unavailable"));
    const before = store.read();
    expect(await fault(account.renew())).toMatchObject({ code: "unavailable" });
    expect(store.read()).toEqual(before);
    server.faults.clear();
    expect(await account.renew()).toBe("access-2");
  });

  test("costs nobody the login who is offline", async () => {
    const { account, server, clock } = await signedIn();
    server.faults.set("", "unreachable");
    clock.time += 3_550_000;
    // It is good for some seconds more.
    expect(await account.accessToken()).toBe("access-1");
    clock.time += 100_000;
    expect(await fault(account.accessToken())).toMatchObject({ code: "unreachable" });
    expect(server.requests).not.toContain("POST /api/token/refresh");
    server.faults.clear();
    expect(await account.accessToken()).toBe("access-2");
  });

  test("takes the refresh token out of the store before it is used", async () => {
    const { account, server, store } = await signedIn();
    let held: StoredLogin | null | undefined;
    const plain = server.fetch;
    server.fetch = (input, init) => {
      if (String(input).endsWith("refresh")) held = store.read();
      return plain(input, init);
    };
    await account.renew();
    expect(held).toMatchObject({ access: "access-1" });
    expect(held).not.toHaveProperty("refresh");
    expect(store.read()).toMatchObject({ access: "access-2", refresh: "refresh-2", user: 1 });
  });

  test("that another tab died in lets the login end", async () => {
    const { account, store } = await signedIn();
    const { refresh: _, ...rest } = store.read()!;
    store.write(rest);
    expect(await account.accessToken()).toBe("access-1");
    expect(await fault(account.renew())).toMatchObject({ reason: "no-refresh-token" });
    expect(account.signedIn).toBe(true);
    expect(await fault(account.replacement("access-1", "token-expired"))).toBeInstanceOf(
      SignInNeeded,
    );
    expect(account.signedIn).toBe(false);
  });

  test("of a login that was ended elsewhere ends it here", async () => {
    const { account, server, told } = await signedIn();
    server.end();
    expect(await fault(account.renew())).toMatchObject({ reason: "token-revoked" });
    expect(told.at(-1)).toBe("out: token-revoked");
  });

  test("brings nobody back who signed out meanwhile", async () => {
    const { account, server, store } = await signedIn();
    let open = (): void => undefined;
    server.gate = new Promise((done) => (open = done));
    const renewal = fault(account.renew());
    while (!server.requests.includes("POST /api/token/refresh")) await new Promise(setImmediate);
    await account.signOut();
    open();
    expect(await renewal).toMatchObject({ reason: "signed-out" });
    expect(store.read()).toBeNull();
    expect(server.revoked).toEqual(["access-1", "refresh-2"]);
  });

  test("a refusal of an old token does not end a newer login", async () => {
    const { account } = await signedIn();
    await account.renew();
    expect(account.end("access-1", "authentication-failed")).toBe(false);
    expect(account.signedIn).toBe(true);
    expect(account.end("access-2", "authentication-failed")).toBe(true);
    expect(account.signedIn).toBe(false);
  });
});
