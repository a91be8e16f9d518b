import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasSeq, readFrame, readHistory } from "../src/wire.js";

const SPEC = fileURLToPath(new URL("../../../../spec/", import.meta.url));
const SERVERS = readdirSync(`${SPEC}schema`)
  .map(
    (file) => JSON.parse(readFileSync(`${SPEC}schema/${file}`, "utf8")) as Record<string, string>,
  )
  .filter((schema) => schema["x-sender"] === "server")
  .map((schema) => schema["title"]!);
const examples = (kind: string): [string, string][] =>
  SERVERS.flatMap((type) =>
    readdirSync(`${SPEC}examples/${type}/${kind}`).map((file): [string, string] => [
      `${type}/${file}`,
      readFileSync(`${SPEC}examples/${type}/${kind}/${file}`, "utf8"),
    ]),
  );

describe("reading frames", () => {
  test("there are eleven that servers send", () => {
    expect(SERVERS).toHaveLength(11);
  });

  test.each(examples("valid"))("%s of the contract is read", (_, text) => {
    expect(readFrame(text)).toEqual(JSON.parse(text));
  });

  test.each(examples("invalid"))("%s is ignored", (_, text) => {
    expect(readFrame(text)).toBeNull();
  });

  test.each([
    ["text that is not JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["an array", "[]"],
    ["a type of a later version", '{"type":"dance","seq":1}'],
    ["a type of what all objects have", '{"type":"constructor","seq":1}'],
    ["a number that is none", '{"type":"goodbye","reason":"shutdown","retry_after":1e999}'],
    ["what only its prototype has", '{"type":"language","__proto__":{"seq":1,"language":"en"}}'],
    ["depth", "[".repeat(200_000)],
    ["bytes", new Uint8Array([123, 125])],
    ["nothing at all", undefined],
  ])("%s is ignored", (_, data) => {
    expect(readFrame(data)).toBeNull();
  });

  test("only frames of the conversation have a seq, whatever key others get", () => {
    const numbered = (text: string): boolean => hasSeq(readFrame(text)!);
    expect(numbered('{"type":"renewed","expires_in":1,"seq":2}')).toBe(false);
    expect(numbered('{"type":"error","code":"a","message":"","retryable":true}')).toBe(false);
    expect(numbered('{"type":"error","code":"a","message":"","retryable":true,"seq":2}')).toBe(
      true,
    );
  });

  test("of a history it takes what is one", () => {
    const said = { type: "said", seq: 1, message: "hi" };
    const page = readHistory({
      frames: [{ at: "now", frame: said }, { at: 1, frame: said }, { at: "now", frame: {} }, null],
      before: "x",
    });
    expect(page).toEqual({ frames: [{ at: "now", frame: said }], before: null });
    expect(readHistory(null)).toEqual({ frames: [], before: null });
    expect(readHistory({ frames: [], before: 7 }).before).toBe(7);
  });
});
