import type { ConversationFrame, Sent } from "@pytlas/client";
import { describe, expect, it } from "vitest";
import {
  causeOf,
  changed,
  emptyTimeline,
  sentences,
  type Change,
  type Failure,
  type Timeline,
} from "../src/chat/timeline";

const AT = Date.parse("2026-11-23T07:40:00Z");

const said = (seq: number, message: string, id?: string): ConversationFrame =>
  ({ type: "said", seq, message, ...(id ? { id } : {}) }) as ConversationFrame;
const thinking = (seq: number, re?: string): ConversationFrame =>
  ({ type: "thinking", seq, ...(re ? { re } : {}) }) as ConversationFrame;
const answer = (seq: number, text: string, re?: string): ConversationFrame => ({
  type: "answer",
  seq,
  ...(re ? { re } : {}),
  data: { text, raw_text: text, cards: null },
});
const done = (seq: number, re?: string): ConversationFrame => ({
  type: "done",
  seq,
  ...(re ? { re } : {}),
  require_input: false,
});
const failure = (seq: number, re?: string): ConversationFrame => ({
  type: "error",
  seq,
  ...(re ? { re } : {}),
  code: "interrupted",
  message: "",
  retryable: true,
});
const mine = (id: string, text: string, status: Sent["status"]): Sent => ({ id, text, status });
const page = (frames: ConversationFrame[], before: number | null) => ({
  frames: frames.map((frame) => ({ at: "2026-11-23T07:40:00Z", frame })),
  before,
});

function after(changes: Change[], from: Timeline = emptyTimeline("here")): Timeline {
  return changes.reduce(changed, from);
}

const frame = (one: ConversationFrame): Change => ({ type: "frame", frame: one, at: AT });
const sent = (one: Sent): Change => ({ type: "sent", sent: one, at: AT });

/** What one reads, from above to below. */
function read(timeline: Timeline): string[] {
  return timeline.items.map((item) => {
    switch (item.kind) {
      case "mine":
        return `> ${item.text}${item.status === "unsent" ? " …" : ""}`;
      case "answer":
        return item.data.text ?? "";
      case "ask":
        return `? ${item.data.text}`;
      case "failure":
        return `! ${item.code}`;
      case "language":
        return `= ${item.language}`;
    }
  });
}

describe("the order", () => {
  it("is that of seq, whatever the order in which frames come", () => {
    const timeline = after([frame(answer(9, "c")), frame(answer(3, "a")), frame(answer(5, "b"))]);
    expect(read(timeline)).toEqual(["a", "b", "c"]);
  });

  it("keeps what was not sent yet at the end, below what others say meanwhile", () => {
    const timeline = after([
      sent(mine("here-1", "first", "unsent")),
      sent(mine("here-2", "second", "unsent")),
      frame(said(4, "from the kitchen", "there-1")),
      frame(answer(6, "an answer", "there-1")),
    ]);
    expect(read(timeline)).toEqual(["> from the kitchen", "an answer", "> first …", "> second …"]);
  });

  it("puts a message right before the first frame that it causes", () => {
    const timeline = after([
      sent(mine("here-1", "first", "sent")),
      sent(mine("here-2", "second", "sent")),
      frame(thinking(5, "here-1")),
      frame(answer(6, "one", "here-1")),
      frame(done(7, "here-1")),
      sent(mine("here-1", "first", "done")),
      frame(thinking(9, "here-2")),
      frame(answer(10, "two", "here-2")),
    ]);
    expect(read(timeline)).toEqual(["> first", "one", "> second", "two"]);
  });

  it("leaves a refused message where it was refused", () => {
    const timeline = after([
      frame(answer(5, "before")),
      sent(mine("here-1", "too fast", "sent")),
      sent(mine("here-1", "too fast", "refused")),
      frame(answer(6, "behind")),
    ]);
    expect(read(timeline)).toEqual(["before", "> too fast", "behind"]);
  });
});

describe("what was said", () => {
  it("is shown once when it comes again", () => {
    const timeline = after([
      sent(mine("here-1", "hello", "sent")),
      frame(thinking(5, "here-1")),
      frame(answer(6, "hi", "here-1")),
      frame(said(4, "hello", "here-1")),
      frame(answer(6, "hi", "here-1")),
    ]);
    expect(read(timeline)).toEqual(["> hello", "hi"]);
    expect(timeline.items[0]!.order).toBe(4);
  });

  it("is known to come from another device by its id", () => {
    const { items } = after([
      frame(said(1, "here", "here-1")),
      frame(said(2, "there", "there-1")),
      frame(said(3, "nowhere")),
    ]);
    expect(items.map((item) => item.kind === "mine" && item.elsewhere)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("can be recalled, newest first, without repetitions", () => {
    const timeline = after([
      frame(said(1, "a")),
      frame(said(2, "b")),
      frame(said(3, "b")),
      frame(said(4, "")),
    ]);
    expect(sentences(timeline)).toEqual(["b", "a"]);
  });

  it("is found as the cause of its failure", () => {
    const timeline = after([frame(said(1, "a", "x")), frame(failure(2, "x")), frame(failure(3))]);
    const [, known, unknown] = timeline.items as [unknown, Failure, Failure];
    expect(causeOf(timeline, known)?.text).toBe("a");
    expect(causeOf(timeline, unknown)).toBeNull();
  });
});

describe("the history", () => {
  it("stands above what came live, and is not doubled by it", () => {
    const timeline = after([
      { type: "newest", page: page([said(10, "old", "x"), answer(12, "older answer", "x")], 10), known: 0 },
      frame(answer(12, "older answer", "x")),
      frame(answer(13, "live")),
      { type: "older", page: page([said(4, "first", "w"), answer(6, "very old", "w")], null) },
    ]);
    expect(read(timeline)).toEqual(["> first", "very old", "> old", "older answer", "live"]);
    expect(timeline.before).toBeNull();
  });

  it("fills what was missed when it reaches back to what is known", () => {
    const timeline = after([
      { type: "newest", page: page([answer(10, "a")], 10), known: 0 },
      frame(answer(14, "d")),
      { type: "newest", page: page([answer(11, "b"), answer(13, "c"), answer(14, "d")], 11), known: 10 },
    ]);
    expect(read(timeline)).toEqual(["a", "b", "c", "d"]);
    expect(timeline.before).toBe(10);
  });

  it("replaces what would stand before a hole", () => {
    const timeline = after([
      { type: "newest", page: page([answer(10, "a")], 10), known: 0 },
      sent(mine("here-1", "waits", "unsent")),
      frame(answer(301, "live")),
      { type: "newest", page: page([answer(250, "y"), answer(300, "z")], 250), known: 10 },
    ]);
    expect(read(timeline)).toEqual(["y", "z", "live", "> waits …"]);
    expect(timeline.before).toBe(250);
  });

  it("is asked again for what was given up", () => {
    const many = Array.from({ length: 50 }, (_, index) => answer(index + 1, `${index + 1}`));
    const timeline = after([
      { type: "newest", page: page(many, null), known: 0 },
      { type: "trim", keep: 20 },
    ]);
    expect(timeline.items).toHaveLength(20);
    expect(timeline.before).toBe(31);
    const whole = after([{ type: "older", page: page(many.slice(0, 30), null) }], timeline);
    expect(read(whole)).toEqual(many.map((_, index) => `${index + 1}`));
  });

  it("survives times that are none", () => {
    const timeline = after([
      { type: "older", page: { frames: [{ at: "yesterday", frame: answer(1, "a") }], before: null } },
    ]);
    expect(timeline.items[0]!.at).toBeNull();
  });
});
