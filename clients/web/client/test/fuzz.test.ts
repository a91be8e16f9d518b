import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { Account, Assistant } from "../src/index.js";
import { Clock, settled } from "./clock.js";
import { READY, Sockets } from "./sockets.js";

const EXAMPLES = fileURLToPath(new URL("../../../../spec/examples/", import.meta.url));
const NAMES = readdirSync(EXAMPLES, { recursive: true }).map(String);
const examples = (part: string): string[] =>
  NAMES.filter((name) => name.endsWith(".json") && name.includes(part))
    .sort()
    .map((name) => readFileSync(EXAMPLES + name, "utf8"));
const SEEDS = examples("");
const WELL = examples("/valid/");
const WORDS = [
  "type",
  "seq",
  "re",
  "id",
  "data",
  "cards",
  "text",
  "choices",
  "name",
  "code",
  "retry_after",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
];
const VALUES: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  "",
  "m1",
  "thinking",
  "done",
  "ask",
  "error",
  "said",
  "context",
  "goodbye",
  "\ud800",
  "x".repeat(5000),
  [],
  {},
  [[]],
  { a: null },
  { then: 1 },
  { toString: 1 },
  { __proto__: null, length: 1 },
];

/** Chance that can be had again: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Text as no server should send it, and some that one might. */
function strange(random: () => number): unknown {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const seed = pick(random() < 0.5 ? SEEDS : WELL);
  const mutated = (value: unknown): unknown => {
    if (random() < 0.04) return pick(VALUES);
    if (Array.isArray(value)) return value.map(mutated);
    if (typeof value !== "object" || value === null) return value;
    const pairs = Object.entries(value).filter(() => random() > 0.02);
    if (random() < 0.3) pairs.push([pick(WORDS), pick(VALUES)]);
    return Object.fromEntries(pairs.map(([key, item]) => [key, mutated(item)]));
  };
  const text = (): string => {
    const number = Math.floor(random() * 100_000);
    const made = JSON.stringify(mutated(JSON.parse(seed))).replace(/"seq":\d+/, `"seq":${number}`);
    // As text, since an object made here would not have it as a key of its own.
    return random() < 0.1 ? made.replace("{", '{"__proto__":{"type":"done","seq":1},') : made;
  };
  const at = Math.floor(random() * seed.length);
  return pick<() => unknown>([
    text,
    text,
    text,
    text,
    text,
    text,
    () => seed.slice(0, at),
    () => seed.slice(0, at) + String.fromCharCode(random() * 65536) + seed.slice(at + 1),
    () => "[".repeat(random() * 20_000) + "]".repeat(random() * 20_000),
    () => `{"type":"answer","seq":1,"data":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}`,
    () => new Uint8Array(8),
    () => pick(VALUES),
  ])();
}

test.each([1, 2, 3, 4])("no frame throws out of it or leaves it useless (%i)", async (seed) => {
  const failed = vi.spyOn(console, "error");
  const random = chance(seed);
  const clock = new Clock();
  const sockets = new Sockets();
  const account = new Account({ server: "http://home.example" });
  account.useToken("token");
  const assistant = new Assistant({ account, webSocket: sockets.dial, ...clock, random });
  const counts = { frames: 0, others: 0 };
  assistant.on("frame", ({ frame }) => {
    // As a page would: by what the types promise.
    counts.frames += 1;
    expect(Number.isSafeInteger(frame.seq)).toBe(true);
    if (frame.type === "answer") for (const card of frame.data.cards ?? []) card.header?.trim();
    if (frame.type === "ask") for (const choice of frame.data.choices ?? []) choice.trim();
    if (frame.type === "error") frame.code.trim();
  });
  assistant.on("refused", () => (counts.others += 1));
  assistant.start();

  for (let index = 0; index < 2500; index += 1) {
    if (assistant.status === "offline") await clock.advance(600_000);
    if (assistant.status === "signed-out") account.useToken("token");
    if (assistant.status !== "ready") await settled();
    const socket = sockets.last;
    if (!socket.isOpen) socket.open();
    if (assistant.status !== "ready" && random() < 0.9) socket.say(READY);
    if (random() < 0.1) assistant.say("hello", { meta: { index } });
    if (random() < 0.02) assistant.cancel();
    const data = strange(random);
    socket.onmessage?.(random() < 0.01 ? undefined : { data });
    if (random() < 0.02) socket.onclose?.({ code: strangeCode(random), reason: strange(random) });
  }

  expect(counts.frames).toBeGreaterThan(100);
  expect(failed).not.toHaveBeenCalled();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)["type"]).toBeUndefined();

  // And now a server that behaves.
  assistant.stop();
  account.useToken("another");
  assistant.start();
  await settled();
  sockets.last.open();
  sockets.last.say(READY);
  const sent = assistant.say("are you well");
  sockets.last.say({ type: "thinking", seq: 1, re: sent.id });
  sockets.last.say({ type: "done", seq: 2, re: sent.id, require_input: false });
  expect([assistant.status, sent.status, assistant.last]).toEqual(["ready", "done", 2]);
});

function strangeCode(random: () => number): unknown {
  const codes: unknown[] = [
    1000,
    1001,
    1002,
    1006,
    1009,
    1013,
    4000,
    "1000",
    null,
    undefined,
    Number.NaN,
  ];
  return codes[Math.floor(random() * codes.length)];
}
