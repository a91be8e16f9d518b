import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import * as library from "../src/index.js";
import { READY } from "./sockets.js";

const README = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

afterEach(() => void vi.unstubAllGlobals());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const body = request.url?.endsWith("verify")
    ? { token_type: "access", user_id: 1, expires_in: 3600 }
    : { access: "a", refresh: "r" };
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}

/** A server with an assistant that says again what it hears. */
async function echoes(): Promise<{ url: string; close: () => void; heard: string[] }> {
  const server = createServer(answer);
  const sockets = new WebSocketServer({ server, path: "/ws/assistant/" });
  const heard: string[] = [];
  sockets.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { type, message: text, id: re } = JSON.parse(String(data)) as Record<string, string>;
      if (type === "authenticate") return socket.send(JSON.stringify(READY));
      heard.push(text!);
      const data_ = { text, raw_text: text, cards: null };
      socket.send(JSON.stringify({ type: "answer", seq: 1, re, data: data_ }));
      return socket.send(JSON.stringify({ type: "done", seq: 2, re, require_input: false }));
    }),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    for (const client of sockets.clients) client.terminate();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close, heard };
}

test("the example of the README is short, and works", async () => {
  const example = /```js\n([\s\S]*?)```/.exec(README)![1]!;
  expect(example.split("\n").filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(10);

  const server = await echoes();
  vi.stubGlobal("WebSocket", WebSocket);
  const printed = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const body = example
    .replace(/import (\{.*\}) from "@pytlas\/client";/, "const $1 = library;")
    .replace("http://localhost:8000", server.url);
  const run = new Function("library", `return (async () => { ${body}; return assistant; })()`);
  const assistant = (await run(library)) as library.Assistant;
  try {
    await vi.waitFor(() => expect(printed).toHaveBeenCalledWith("hello"), 5000);
  } finally {
    assistant.stop();
    server.close();
    printed.mockRestore();
  }
  expect(server.heard).toEqual(["hello"]);
});

test("the README names all that the classes offer", () => {
  const offered = [library.Account, library.Assistant].flatMap((type) =>
    Object.getOwnPropertyNames(type.prototype).filter((name) => name !== "constructor"),
  );
  const internal = [
    "user",
    "renewAt",
    "webSocket",
    "replacement",
    "end",
    "renew",
    "accessToken",
    "signedIn",
  ];
  for (const name of offered.filter((it) => !internal.includes(it)))
    expect(README).toContain(`\`${name}`);
  for (const name of Object.keys(library)) expect(README).toContain(name);
});
