import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import {
  Account,
  Assistant,
  type AssistantOptions,
  MemoryTokenStore,
  type Memory,
  type Remembered,
} from "../src/index.js";
import { Clock, settled } from "./clock.js";
import { Server } from "./server.js";
import { READY, type Socket, Sockets } from "./sockets.js";

/** A client that has signed in. */
class Home {
  readonly clock = new Clock();
  readonly server = new Server();
  readonly sockets = new Sockets();
  readonly store = new MemoryTokenStore();
  readonly account = new Account({
    server: "https://home.example",
    store: this.store,
    fetch: this.server.fetch,
    now: this.clock.now,
  });
  readonly told: [string, unknown][] = [];
  random = 0;
  assistant!: Assistant;

  async begin(o: Partial<AssistantOptions> = {}): Promise<this> {
    if (!this.account.signedIn) await this.account.signIn({ username: "alice", password: "right" });
    return this.make(o);
  }

  make(o: Partial<AssistantOptions> = {}): this {
    let ids = 0;
    this.assistant = new Assistant({
      account: this.account,
      webSocket: this.sockets.dial,
      ...this.clock,
      random: () => this.random,
      newId: () => `m${(ids += 1)}`,
      ...o,
    });
    for (const event of [
      "status",
      "ready",
      "frame",
      "question",
      "context",
      "language",
      "working",
      "listen",
      "sent",
      "refused",
      "missed",
      "signed-out",
    ] as const)
      this.assistant.on(event, (value) => this.told.push([event, value]));
    return this;
  }

  /** What was told of one event. */
  all<T = unknown>(event: string): T[] {
    return this.told.filter(([name]) => name === event).map(([, value]) => value as T);
  }

  get socket(): Socket {
    return this.sockets.last;
  }

  /** What the client has sent on the present connection behind its token. */
  get said(): unknown[] {
    return this.socket.sent.slice(1);
  }

  async connect(ready: object = {}): Promise<this> {
    this.assistant.start();
    return this.accept(ready);
  }

  /** The server takes the connection that is being made. */
  async accept(ready: object = {}): Promise<this> {
    await settled();
    this.socket.open();
    this.socket.say({ ...READY, ...ready });
    return this;
  }

  say(...frames: object[]): void {
    for (const frame of frames) this.socket.say(frame);
  }

  /** Milliseconds until the next try. */
  get delay(): number {
    const { retryAt } = this.all<{ retryAt?: number }>("status").at(-1)!;
    return retryAt! - this.clock.time;
  }

  async retry(): Promise<void> {
    await this.clock.advance(this.delay);
  }
}

const home = (o: Partial<AssistantOptions> = {}): Promise<Home> => new Home().begin(o);
const ready = async (o: Partial<AssistantOptions> = {}, frame: object = {}): Promise<Home> =>
  (await home(o)).connect(frame);
const thinking = (seq: number, re?: string): object => ({
  type: "thinking",
  seq,
  ...(re && { re }),
});
const done = (seq: number, re?: string, require_input = false): object => ({
  type: "done",
  seq,
  require_input,
  ...(re && { re }),
});
const said = (seq: number, message: string, id?: string): object => ({
  type: "said",
  seq,
  message,
  ...(id && { id }),
});
const ask = (seq: number, text = "Which?"): object => ({
  type: "ask",
  seq,
  data: { slot: "s", text, raw_text: text, choices: ["a", "b"] },
});
const error = (code: string, more: object = {}): object => ({
  type: "error",
  code,
  message: "no",
  retryable: true,
  ...more,
});

/** The server has answered several requests. */
async function answered(): Promise<void> {
  for (let looks = 0; looks < 20; looks += 1) await settled();
}

let failed: MockInstance;
beforeEach(() => {
  failed = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  expect(failed).not.toHaveBeenCalled();
  failed.mockRestore();
});

describe("connecting", () => {
  test("shows the token, and after only what is known", async () => {
    const all = await home();
    all.assistant.start();
    await settled();
    expect(all.socket.url).toBe("wss://home.example/ws/assistant/");
    all.socket.open();
    expect(all.socket.sent).toEqual([{ type: "authenticate", token: "access-1" }]);
    expect(all.assistant.status).toBe("connecting");
    all.socket.say({ ...READY, seq: 41 });
    expect(all.assistant.status).toBe("ready");
    expect([all.assistant.last, all.assistant.language, all.assistant.limits]).toEqual([
      41,
      "en-US",
      READY.limits,
    ]);
    expect(all.all("status")).toEqual([{ status: "connecting" }, { status: "ready" }]);
    expect(all.all("missed")).toEqual([]);
  });

  test("goes on after what is known", async () => {
    const all = await home({ after: 7 });
    all.assistant.start();
    await settled();
    all.socket.open();
    expect(all.socket.sent).toEqual([{ type: "authenticate", token: "access-1", after: 7 }]);
  });

  test("gives up on a server that does not get ready", async () => {
    const all = await home();
    all.assistant.start();
    await settled();
    all.socket.open();
    await all.clock.advance(30_000);
    expect([all.assistant.status, all.socket.left]).toEqual(["offline", 1000]);
  });

  test("waits 1, 2, 4 and so on up to 60 s, and begins anew only when it was ready", async () => {
    const all = await ready();
    const delays = [];
    for (let index = 0; index < 9; index += 1) {
      all.socket.shut();
      delays.push(all.delay / 1000);
      await all.retry();
      // That the handshake is done says nothing.
      all.socket.open();
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    all.socket.say(READY);
    all.socket.shut();
    expect(all.delay).toBe(1000);
  });

  test("takes up to a half off by chance", async () => {
    const all = await ready();
    all.random = 1;
    all.socket.shut();
    expect(all.delay).toBe(500);
    await all.retry();
    all.random = 0.5;
    all.socket.shut();
    expect(all.delay).toBe(1500);
  });

  test("waits as the goodbye wishes, and sends nothing new before", async () => {
    const all = await ready();
    all.say({ type: "goodbye", reason: "shutdown", retry_after: 5 });
    all.assistant.say("late");
    expect(all.said).toEqual([]);
    all.socket.shut(1001, "shutdown");
    expect(all.delay).toBe(5000);
    await all.retry();
    await all.accept({ resumed: true });
    expect(all.said).toEqual([{ type: "message", message: "late", id: "m1" }]);
  });

  test("does not wait for hours, whatever is wished, nor for a close that does not come", async () => {
    const all = await ready();
    all.say({ type: "goodbye", reason: "shutdown", retry_after: 1e9 });
    await all.clock.advance(30_000);
    expect([all.assistant.status, all.delay]).toEqual(["offline", 300_000]);
  });

  test("does not wait when told", async () => {
    const all = await ready();
    all.socket.shut();
    all.assistant.retryNow();
    expect(all.assistant.status).toBe("connecting");
    await all.accept();
    expect(all.assistant.status).toBe("ready");
  });

  test("hears nothing more of a connection that it left", async () => {
    const all = await ready();
    const old = all.socket;
    await all.clock.advance(1);
    all.assistant.retryNow();
    await all.clock.advance(10_000);
    expect(old.left).toBe(1000);
    await all.retry();
    await all.accept({ resumed: true });
    old.say(said(9, "too late"));
    old.shut(1000, "authentication-failed");
    expect([all.assistant.last, all.assistant.status]).toEqual([0, "ready"]);
  });

  test("survives a WebSocket that cannot be made", async () => {
    const all = await home({
      webSocket: () => {
        throw new DOMException("not allowed", "SecurityError");
      },
    });
    all.assistant.start();
    await settled();
    expect(all.assistant.status).toBe("offline");
  });

  test("needs a WebSocket, and says so", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(() => new Assistant({ account: new Home().account })).toThrow("package ws");
    vi.unstubAllGlobals();
  });

  test("waits while the server cannot give a token", async () => {
    const all = await home();
    all.clock.time += 3_600_000;
    all.server.faults.set("", "unreachable");
    all.assistant.start();
    await answered();
    expect(all.all("status").at(-1)).toMatchObject({ status: "offline", reason: "unreachable" });
    all.server.faults.clear();
    await all.retry();
    await answered();
    await all.accept();
    expect(all.socket.sent[0]).toMatchObject({ token: "access-2" });
  });

  test("stops for good", async () => {
    const all = await ready();
    all.assistant.stop();
    expect([all.assistant.status, all.socket.left, all.clock.running]).toEqual([
      "stopped",
      1000,
      0,
    ]);
    all.socket.say(READY);
    all.socket.shut();
    await all.clock.advance(100_000);
    expect([all.assistant.status, all.sockets.all.length]).toEqual(["stopped", 1]);
    all.assistant.start();
    expect(all.assistant.status).toBe("connecting");
  });

  test("stops also from within what it tells", async () => {
    for (const event of ["status", "ready", "missed"] as const) {
      const all = await home({ after: 1 });
      all.assistant.on(event, () => all.assistant.status === "ready" && all.assistant.stop());
      await all.connect();
      expect([all.assistant.status, all.clock.running]).toEqual(["stopped", 0]);
    }
  });
});

describe("a close", () => {
  const ENDS: [number, string, string][] = [
    [1000, "authentication-failed", "signed-out"],
    [1000, "authentication-revoked", "signed-out"],
    [1000, "account-disabled", "signed-out"],
    [1000, "authentication-expired", "renewed"],
    [1000, "authentication-timeout", "renewed"],
    [1000, "authentication-expected", "renewed"],
    [1000, "too-many-frames", "renewed"],
    [1000, "a-new-reason", "renewed"],
    [1000, "", "renewed"],
    [1001, "shutdown", "again"],
    [1002, "protocol-error", "again"],
    [1003, "binary", "again"],
    [1005, "", "again"],
    [1006, "", "again"],
    [1007, "not-utf8", "again"],
    [1008, "flooding", "again"],
    [1009, "too-big", "again"],
    [1011, "internal-error", "again"],
    [1013, "slow-reader", "again"],
    [1013, "too-many-connections", "again"],
    [1013, "unavailable", "again"],
    [4242, "unknown", "again"],
  ];

  test.each(ENDS)("%i %s: %s", async (code, reason, what) => {
    const all = await ready();
    all.socket.shut(code, reason);
    await settled();
    if (what === "signed-out") {
      expect(all.assistant.status).toBe("signed-out");
      expect(all.all("signed-out")).toEqual([reason]);
      expect([all.account.signedIn, all.clock.running]).toEqual([false, 0]);
      return;
    }
    if (what === "again") await all.retry();
    await answered();
    await all.accept();
    const token = what === "renewed" ? "access-2" : "access-1";
    expect([all.socket.sent[0], all.assistant.status]).toEqual([
      { type: "authenticate", token, after: 0 },
      "ready",
    ]);
    expect(all.all("signed-out")).toEqual([]);
  });

  test("for a token, again and again, makes it wait", async () => {
    const all = await ready();
    for (let index = 0; index < 2; index += 1) {
      all.socket.shut(1000, "authentication-expired");
      await answered();
      if (index === 0) await all.accept();
    }
    expect([all.assistant.status, all.delay]).toEqual(["offline", 1000]);
  });

  test("for a token that was replaced in another tab ends nothing", async () => {
    const all = await ready();
    await all.account.renew();
    all.socket.shut(1000, "authentication-failed");
    expect([all.assistant.status, all.account.signedIn]).toEqual(["offline", true]);
    await all.retry();
    await all.accept();
    expect(all.socket.sent[0]).toMatchObject({ token: "access-2" });
  });

  test("of a device token that has expired is the end of it", async () => {
    const all = new Home();
    all.account.useToken("device");
    await (await all.begin()).connect();
    all.socket.shut(1000, "authentication-expired");
    await settled();
    expect([all.assistant.status, all.account.signedIn]).toEqual(["signed-out", false]);
  });

  test("for what was sent does not send it again", async () => {
    const all = await ready();
    const [worked, waited] = [all.assistant.say("worked on"), all.assistant.say("fatal")];
    all.say(thinking(1, "m1"));
    all.socket.shut(1009, "too-big");
    expect([worked.status, waited.status, waited.error?.code]).toEqual([
      "sent",
      "refused",
      "too-big",
    ]);
    await all.retry();
    await all.accept({ resumed: true });
    expect(all.said).toEqual([{ type: "message", message: "worked on", id: "m1" }]);
  });
});

describe("signing in and out", () => {
  test("without a login it waits for one", async () => {
    const all = new Home().make();
    all.assistant.start();
    expect([all.assistant.status, all.all("signed-out")]).toEqual(["signed-out", ["signed-out"]]);
    await all.account.signIn({ username: "alice", password: "right" });
    await all.accept();
    expect(all.assistant.status).toBe("ready");
  });

  test("what was said before anybody was there is said by the first who is", async () => {
    const all = new Home().make();
    all.assistant.say("hello");
    await all.account.signIn({ username: "alice", password: "right" });
    await all.connect();
    expect(all.said).toEqual([{ type: "message", message: "hello", id: "m1" }]);
  });

  test("signing out elsewhere ends it, and what was said is forgotten", async () => {
    const state: { kept: Remembered | null } = { kept: null };
    const memory: Memory = { read: () => state.kept, write: (kept) => void (state.kept = kept) };
    const all = await ready({ memory }, { seq: 5 });
    all.assistant.say("private");
    expect(state.kept).toMatchObject({ last: 5, user: 1, sent: [{ text: "private" }] });
    await all.account.signOut();
    expect([all.assistant.status, all.socket.left]).toEqual(["signed-out", 1000]);
    expect([state.kept, all.assistant.pending, all.assistant.last]).toEqual([null, [], 0]);
  });

  test("the same person goes on where a login ended", async () => {
    const all = await ready({}, { seq: 5 });
    const sent = all.assistant.say("hello");
    all.socket.shut(1000, "authentication-revoked");
    await all.account.signIn({ username: "alice", password: "right" });
    await all.accept({ resumed: true });
    expect(all.socket.sent).toEqual([
      { type: "authenticate", token: "access-2", after: 5 },
      { type: "message", message: "hello", id: "m1" },
    ]);
    expect(sent.status).toBe("sent");
  });

  test("somebody else does not", async () => {
    const all = await ready({}, { seq: 5 });
    all.assistant.say("hello");
    all.socket.shut(1000, "authentication-revoked");
    all.account.useToken("of somebody else");
    await all.accept();
    expect(all.socket.sent).toEqual([{ type: "authenticate", token: "of somebody else" }]);
  });
});

describe("renewal", () => {
  test("shows a new token before the old one expires", async () => {
    const all = await ready();
    await all.clock.advance(3_540_000 - 1);
    expect(all.said).toEqual([]);
    await all.clock.advance(1);
    await answered();
    expect(all.said).toEqual([{ type: "authenticate", token: "access-2" }]);
    all.say({ type: "renewed", expires_in: 3600 });
    await all.clock.advance(3_540_000);
    await answered();
    expect(all.said).toHaveLength(2);
    expect([all.assistant.status, all.sockets.all.length]).toEqual(["ready", 1]);
  });

  test("comes soon again when its timer rang a moment early", async () => {
    const all = await home();
    all.make({ setTimeout: (work, ms) => all.clock.setTimeout(work, ms - 1) });
    await all.connect();
    await all.clock.advance(3_540_000 - 1);
    await answered();
    expect(all.said).toEqual([]);
    await all.clock.advance(1_000);
    await answered();
    expect(all.said).toEqual([{ type: "authenticate", token: "access-2" }]);
  });

  test("that cannot be checked is shown again", async () => {
    const all = await ready();
    await all.clock.advance(3_540_000);
    await answered();
    all.say(error("unavailable"));
    await all.clock.advance(15_000);
    expect(all.said).toEqual(Array(2).fill({ type: "authenticate", token: "access-2" }));
  });

  test("waits for a server that is out of reach", async () => {
    const all = await ready();
    all.server.faults.set("", "unreachable");
    await all.clock.advance(3_540_000);
    await answered();
    all.server.faults.clear();
    await all.clock.advance(15_000);
    await answered();
    expect(all.said).toEqual([{ type: "authenticate", token: "access-2" }]);
  });
});

describe("silence", () => {
  test("behind what was sent makes it ask, and leave a connection that is none", async () => {
    const all = await ready();
    all.assistant.say("hello");
    await all.clock.advance(10_000);
    expect(all.said.at(-1)).toEqual({ type: "authenticate", token: "access-1" });
    await all.clock.advance(10_000);
    expect([all.assistant.status, all.socket.left]).toEqual(["offline", 1000]);
  });

  test("is fine when the server answers", async () => {
    const all = await ready();
    all.assistant.retryNow();
    expect(all.said).toEqual([{ type: "authenticate", token: "access-1" }]);
    all.say({ type: "renewed", expires_in: 60 });
    await all.clock.advance(30_000);
    expect(all.assistant.status).toBe("ready");
  });
});

describe("what is said", () => {
  test("goes out with an id, and is done with its done", async () => {
    const all = await ready();
    const sent = all.assistant.say("hello", { answers: 3, meta: { room: "kitchen" } });
    expect(all.said).toEqual([
      { type: "message", message: "hello", id: "m1", answers: 3, meta: { room: "kitchen" } },
    ]);
    expect(sent.status).toBe("sent");
    all.say(thinking(1, "m1"), error("skill-failed", { seq: 2, re: "m1" }), done(3, "m1"));
    expect([sent.status, sent.error?.code, all.assistant.pending]).toEqual([
      "done",
      "skill-failed",
      [],
    ]);
    expect(all.all("refused")).toEqual([]);
  });

  test("waits for the connection, in its order", async () => {
    const all = await home();
    const sent = all.assistant.say("one");
    all.assistant.say("two");
    expect(sent.status).toBe("unsent");
    await all.connect();
    expect(all.said).toMatchObject([{ message: "one" }, { message: "two" }]);
  });

  test("is sent again with its id until it has an outcome", async () => {
    const all = await ready();
    const sent = all.assistant.say("hello");
    for (let index = 0; index < 3; index += 1) {
      all.socket.shut();
      await all.retry();
      await all.accept({ resumed: true, seq: 3 });
      expect(all.said).toEqual([{ type: "message", message: "hello", id: "m1" }]);
    }
    // What came of it comes again, and counts though it is of the past.
    all.socket.shut();
    await all.retry();
    await all.accept({ resumed: false, seq: 3 });
    all.say(said(1, "hello", "m1"), thinking(2, "m1"), done(3, "m1"));
    expect([sent.status, all.assistant.working, all.assistant.last]).toEqual(["done", null, 3]);
    const frames = all.all<{ frame: { seq: number }; past: boolean }>("frame");
    expect(frames.map(({ frame, past }) => [frame.seq, past])).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
    all.socket.shut();
    await all.retry();
    await all.accept({ resumed: true, seq: 3 });
    expect(all.said).toEqual([]);
  });

  test("is not sent again to a server that does not remember", async () => {
    const all = await ready();
    const sent = all.assistant.say("hello");
    all.socket.shut();
    await all.retry();
    const { max_remembered_ids: _, ...limits } = READY.limits;
    await all.accept({ limits });
    expect([all.said, sent.status, sent.error?.code]).toEqual([[], "refused", "outcome-unknown"]);
  });

  test("is refused by an error without seq", async () => {
    const all = await ready();
    const sent = all.assistant.say("hello");
    all.say(error("busy", { re: "m1" }));
    expect([sent.status, all.assistant.pending]).toEqual(["refused", []]);
    expect(all.all("refused")).toEqual([{ error: error("busy", { re: "m1" }), sent }]);
    const again = all.assistant.sayAgain(sent);
    expect([again.id, all.said.at(-1)]).toEqual([
      "m2",
      { type: "message", message: "hello", id: "m2" },
    ]);
  });

  test("too fast is said again by itself, and nothing overtakes it", async () => {
    const all = await ready();
    const sent = all.assistant.say("one");
    all.say(error("rate-limited", { re: "m1", retry_after: 2 }));
    all.assistant.say("two");
    await all.clock.advance(1999);
    expect(all.said).toHaveLength(1);
    await all.clock.advance(1);
    expect(all.said).toMatchObject([{ id: "m1" }, { id: "m1" }, { id: "m2" }]);
    expect([sent.status, all.all("refused")]).toEqual(["sent", []]);
  });

  test("too late for a server that stops waits for the next one", async () => {
    const all = await ready();
    const sent = all.assistant.say("late");
    all.say(
      { type: "goodbye", reason: "shutdown", retry_after: 1 },
      error("unavailable", { re: "m1" }),
    );
    expect([sent.status, all.all("refused")]).toEqual(["unsent", []]);
  });

  test("too long for the server never leaves", async () => {
    const all = await ready();
    const sent = all.assistant.say("é".repeat(40_000));
    expect([sent.status, sent.error?.code, all.said]).toEqual(["refused", "too-big", []]);
  });

  test("all at once goes out in portions", async () => {
    const all = await home();
    for (let index = 1; index <= 20; index += 1) all.assistant.say(`${index}`);
    await all.connect();
    expect(all.said).toHaveLength(16);
    all.say(done(1, "m1"), done(2, "m2"));
    expect(all.said.slice(16)).toMatchObject([{ id: "m17" }, { id: "m18" }]);
  });

  test("and cut off by a cancel is done", async () => {
    const all = await ready();
    const [cut, waits] = [all.assistant.say("slow"), all.assistant.say("waits")];
    all.say(
      thinking(1, "m1"),
      { type: "context", seq: 2, name: null, re: "c" },
      thinking(3, "c"),
      done(4, "c"),
    );
    expect([cut.status, waits.status]).toEqual(["done", "sent"]);
  });

  test("with what JSON does not hold is the caller's fault", async () => {
    const all = await ready();
    const meta: Record<string, unknown> = {};
    meta["meta"] = meta;
    expect(() => all.assistant.say("hello", { meta })).toThrow(TypeError);
    expect(all.assistant.pending).toEqual([]);
  });

  test("survives a reload", async () => {
    let kept = "null";
    const memory: Memory = {
      read: () => JSON.parse(kept),
      write: (state) => void (kept = JSON.stringify(state)),
    };
    const all = await ready({ memory }, { seq: 5 });
    all.say(said(6, "hi"));
    all.assistant.say("hello");
    all.assistant.stop();
    await all.begin({ memory });
    expect(all.assistant.pending).toMatchObject([{ id: "m1", text: "hello", status: "sent" }]);
    await all.connect({ resumed: true, seq: 6 });
    expect(all.socket.sent).toEqual([
      { type: "authenticate", token: "access-1", after: 6 },
      { type: "message", message: "hello", id: "m1" },
    ]);
  });

  test("is not believed when the memory holds nonsense, and a memory that fails harms nobody", async () => {
    for (const state of [
      1,
      "x",
      [],
      { sent: 1, last: "x" },
      { sent: [null, {}, { id: 1 }], last: 1.5 },
    ]) {
      const all = await ready({
        memory: {
          read: () => state as never,
          write: () => {
            throw new Error("full");
          },
        },
      });
      expect([all.assistant.pending, all.assistant.status]).toEqual([[], "ready"]);
      expect(all.socket.sent[0]).toEqual({ type: "authenticate", token: "access-1" });
    }
    expect(failed).toHaveBeenCalled();
    failed.mockClear();
  });
});

describe("the state", () => {
  test("a question is left by the reply, and open again when that is refused", async () => {
    const all = await ready();
    all.say(ask(1));
    expect(all.assistant.question?.seq).toBe(1);
    all.assistant.say("a", { answers: 1 });
    expect(all.assistant.question).toBeNull();
    all.say(error("question-gone", { re: "m1" }));
    expect(all.assistant.question?.seq).toBe(1);
    all.assistant.cancel();
    expect([all.assistant.question, all.said.at(-1)]).toEqual([null, { type: "cancel", id: "m2" }]);
    all.say(error("internal-error", { re: "m2" }));
    expect(all.assistant.question?.seq).toBe(1);
    all.say(said(2, "b"));
    expect(all.assistant.question).toBeNull();
    expect(all.all("question").map((it) => (it as { seq: number } | null)?.seq)).toEqual([
      1,
      undefined,
      1,
      undefined,
      1,
      undefined,
    ]);
  });

  test("an old question among what comes again is not asked", async () => {
    const all = await ready({}, { seq: 9 });
    all.say(said(6, "lights", "m1"), thinking(7, "m1"), done(8, "m1", true), ask(9));
    expect([all.assistant.question, all.assistant.working, all.all("listen")]).toEqual([
      null,
      null,
      [],
    ]);
    expect(all.all("frame")).toHaveLength(4);
    all.say(ask(9));
    expect(all.all("frame")).toHaveLength(4);
  });

  test("the present state counts, though it is of the past", async () => {
    const all = await ready({}, { seq: 9 });
    all.say({ type: "context", seq: 3, name: "vault" }, ask(8));
    expect([all.assistant.context, all.assistant.question?.seq]).toEqual(["vault", 8]);
    expect(all.all("frame")).toMatchObject([{ past: false }, { past: false }]);
  });

  test("is forgotten when frames were missed", async () => {
    const all = await ready();
    all.say({ type: "context", seq: 1, name: "vault" }, ask(2), thinking(3, "x"));
    all.socket.shut();
    await all.retry();
    await all.accept({ seq: 1 });
    const { question, context, working, last } = all.assistant;
    expect({ question, context, working, last }).toEqual({
      question: null,
      context: null,
      working: null,
      last: 1,
    });
    expect(all.all("missed")).toHaveLength(1);
    // Numbers from before say nothing now.
    all.say(ask(2, "Anew?"));
    expect(all.assistant.question?.data.text).toBe("Anew?");
  });

  test("stays over a connection that resumes", async () => {
    const all = await ready();
    all.say({ type: "context", seq: 1, name: "vault" }, ask(2));
    all.socket.shut();
    await all.retry();
    await all.accept({ seq: 2, resumed: true });
    expect([all.assistant.context, all.assistant.question?.seq]).toEqual(["vault", 2]);
    expect([all.all("missed"), all.all("question").length]).toEqual([[], 1]);
  });

  test("tells what it works on and since when, when to listen, and the language", async () => {
    const all = await ready();
    all.say(thinking(1, "x"));
    expect(all.assistant.working).toEqual({ since: all.clock.time, re: "x" });
    all.say(done(2, "y", true), { type: "language", seq: 3, language: "fr-FR" });
    expect([all.assistant.working, all.assistant.language]).toEqual([null, "fr-FR"]);
    expect([all.all("listen").length, all.all("language")]).toEqual([1, ["en-US", "fr-FR"]]);
  });

  test("a listener that throws harms nobody, and one that left hears nothing", async () => {
    const all = await home();
    all.assistant.on("frame", () => {
      throw new Error("mine");
    });
    const left = all.assistant.on("frame", () => all.told.push(["left", null]));
    left();
    await all.connect();
    all.say(said(1, "hi"));
    expect([all.assistant.last, all.all("left"), all.all("frame").length]).toEqual([1, [], 1]);
    expect(failed).toHaveBeenCalledOnce();
    failed.mockClear();
  });

  test("ids are made by chance, and differ", () => {
    const assistant = new Assistant({ account: new Home().account, webSocket: new Sockets().dial });
    const ids = [assistant.say("a").id, assistant.say("a").id];
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });
});
