import { expect } from "vitest";
import { Account, Assistant, type AssistantEvents } from "../src/index.js";
import { Clock, settled } from "./clock.js";
import { numbered } from "./numbers.js";
import { type Socket, Sockets } from "./sockets.js";

type Frame = Record<string, unknown> & { type?: string };

export interface Step {
  device?: string;
  connect?: true;
  send?: Frame;
  expect?: Frame;
  expect_close?: { code: number; reason: string };
  close?: { code: number; reason: string };
  disconnect?: true;
  kill_server?: true;
  advance_seconds?: number;
}

export interface Transcript {
  devices: Record<string, { user: string }>;
  steps: Step[];
}

/** What a device shows in the end. */
export interface Outcome {
  status: string;
  question?: string;
  context?: string;
  working?: string;
  pending?: string[];
  refused?: string[];
  heard?: string[];
}

interface State {
  question?: number | undefined;
  context: string | null;
  working: string | undefined;
  language: string | null;
}

function state({ question, context, working, language }: Assistant): State {
  return {
    question: question?.seq,
    context,
    working: working ? (working.re ?? "somebody's") : undefined,
    language,
  };
}

/** A client, and what it was told. */
export class Device {
  readonly assistant: Assistant;
  readonly account = new Account({ server: "http://server.example" });
  readonly sockets = new Sockets();
  readonly events: string[] = [];
  readonly refused: string[] = [];
  /** The frames it was told of, from one `missed` to the next. */
  readonly told: AssistantEvents["frame"][][] = [[]];
  ids: string[] = [];
  /** The highest number that the server has sent it. */
  highest = 0;
  #presenting = false;

  constructor(clock: Clock, token: string, after?: number) {
    this.highest = after ?? 0;
    this.account.useToken(token);
    let made = 0;
    this.assistant = new Assistant({
      account: this.account,
      webSocket: this.sockets.dial,
      ...clock,
      random: () => 0.5,
      newId: () => this.ids.shift() ?? `own-${(made += 1)}`,
      ...(after === undefined ? {} : { after }),
    });
    this.assistant.on("ready", ({ resumed }) => resumed || this.told.push([]));
    this.assistant.on("frame", (event) => this.told.at(-1)!.push(event));
    this.assistant.on("refused", ({ error: { code }, sent }) =>
      this.refused.push(sent ? `${code} ${sent.text.slice(0, 20)}` : code),
    );
    for (const event of ["missed", "listen"] as const)
      this.assistant.on(event, () => this.events.push(event));
  }

  get socket(): Socket {
    return this.sockets.last;
  }

  /** What the frame must have made of the state, by the letter of spec 3.5, 4 and 5.9. */
  expectState(frame: Frame, before: State): void {
    const seq = Number(frame["seq"] ?? -1);
    const { type } = frame;
    const wanted = { ...before };
    if (type === "ready" && !frame["resumed"]) {
      Object.assign(wanted, { question: undefined, context: null, working: undefined });
      this.highest = seq;
    }
    if (type === "ready") wanted.language = frame["language"] as string;
    const presents = this.#presenting && (type === "context" || type === "ask");
    this.#presenting = (type === "ready" && !frame["resumed"]) || presents;
    if (type !== "ready" && (seq > this.highest || (presents && seq >= 0))) {
      this.highest = Math.max(this.highest, seq);
      if (type === "thinking" || type === "done" || type === "said") wanted.question = undefined;
      if (type === "thinking") wanted.working = (frame["re"] as string | undefined) ?? "somebody's";
      if (type === "done") wanted.working = undefined;
      if (type === "ask") wanted.question = seq;
      if (type === "context") wanted.context = frame["name"] as string | null;
      if (type === "language") wanted.language = frame["language"] as string;
    }
    // A reply that was not taken leaves the question open.
    if (type === "error" && seq < 0) delete wanted.question;
    expect(state(this.assistant)).toMatchObject(wanted);
    expect(this.assistant.last).toBe(this.highest);
  }
}

/** Plays a transcript against clients: their sends by what the library offers, and the server. */
export class Play {
  readonly clock = new Clock();
  readonly devices = new Map<string, Device>();
  readonly #steps: Step[];

  constructor(transcript: Transcript) {
    this.#steps = numbered(transcript.steps);
  }

  async run(): Promise<void> {
    for (const [index, step] of this.#steps.entries()) {
      await this.#take(step, index);
      await settled();
    }
  }

  outcome(): Record<string, Outcome> {
    const pairs = [...this.devices].map(([name, { assistant, events, refused }]) => {
      const { status, question, context, working } = assistant;
      const own = assistant.pending.filter(({ id }) => !id.startsWith("own-"));
      const outcome: Outcome = { status };
      if (question) outcome.question = question.data.text;
      if (context !== null) outcome.context = context;
      if (working) outcome.working = working.re ?? "somebody's";
      if (own.length > 0) outcome.pending = own.map(({ id, status: how }) => `${id} ${how}`);
      if (refused.length > 0) outcome.refused = refused;
      if (events.length > 0) outcome.heard = events;
      return [name, outcome] as const;
    });
    return Object.fromEntries(pairs);
  }

  async #take(step: Step, index: number): Promise<void> {
    if (step.advance_seconds) return this.clock.advance(step.advance_seconds * 1000);
    if (step.kill_server) {
      for (const device of this.devices.values()) device.socket.shut();
      return;
    }
    const name = step.device;
    if (name === undefined) return;
    if (step.connect) return this.#connect(name, index);
    const device = this.devices.get(name)!;
    if (step.send) this.#send(device, step.send);
    else if (step.expect) this.#say(device, step.expect);
    else if (step.expect_close)
      device.socket.shut(step.expect_close.code, step.expect_close.reason);
    else if (step.disconnect) device.socket.shut();
    else if (step.close) device.assistant.stop();
  }

  /** As itself when it goes on where it was; as one that was started anew when it does not. */
  async #connect(name: string, index: number): Promise<void> {
    const first = this.#steps
      .slice(index + 1)
      .find(({ device, send }) => device === name && send)?.send;
    const token = first?.type === "authenticate" ? String(first["token"]) : "{{access:nobody}}";
    const after = first?.["after"] as number | undefined;
    const before = this.devices.get(name);
    if (before && (after === undefined || after === before.assistant.last)) {
      before.assistant.retryNow();
    } else {
      before?.assistant.stop();
      const device = new Device(this.clock, token, after);
      this.devices.set(name, device);
      device.assistant.start();
    }
    await settled();
    const device = this.devices.get(name)!;
    const { socket } = device;
    // A server answers at once when a token is shown again.
    socket.heard = ({ type }) => {
      const again = type === "authenticate" && device.assistant.status === "ready";
      if (again) queueMicrotask(() => socket.say({ type: "renewed", expires_in: 3600 }));
    };
    socket.open();
  }

  #send(device: Device, frame: Frame): void {
    const { id, message, answers, meta } = frame as {
      id?: string;
      message?: string;
      answers?: number;
      meta?: Record<string, unknown>;
    };
    const { assistant, ids } = device;
    if (id !== undefined) ids.push(id);
    if (frame.type === "cancel") assistant.cancel();
    else if (typeof message !== "string" || frame.type === "authenticate") ids.length = 0;
    // No client of the library can send such ids.
    else if (id !== undefined && !/^.{1,128}$/u.test(id)) ids.length = 0;
    // The library says a thing once; that it sends it again is its own affair.
    else if (assistant.pending.some((sent) => sent.id === id)) ids.length = 0;
    else assistant.say(message, { ...(answers && { answers }), ...(meta && { meta }) });
  }

  #say(device: Device, frame: Frame): void {
    // What waits for a `ready` comes then only if the library sent its token.
    if (frame.type === "ready") {
      const [first] = device.socket.sent;
      if (first?.["type"] !== "authenticate") throw new Error("it has not shown its token");
    }
    const before = { ...state(device.assistant) };
    device.socket.say(frame);
    device.expectState(frame, before);
  }
}
