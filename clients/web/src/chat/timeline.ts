/**
 * What the conversation looks like: a pure function from frames, messages of this browser and
 * pages of the history to the items on the screen, in the order of their `seq`.
 */
import type { AnswerFrame, AskFrame, ConversationFrame, ErrorFrame, Sent } from "@pytlas/client";

interface Common {
  /** The same for the same item, whichever way it came. */
  readonly key: string;
  /** Items stand in this order; Infinity while it is not known where a message belongs. */
  readonly order: number;
  /** When it was said, in ms since the epoch; null when nobody knows. */
  readonly at: number | null;
}

export interface Mine extends Common {
  readonly kind: "mine";
  readonly id: string | null;
  readonly text: string;
  readonly status: Sent["status"];
  readonly answers: number | null;
  readonly elsewhere: boolean;
  readonly error: ErrorFrame | null;
}

export interface Answer extends Common {
  readonly kind: "answer";
  readonly data: AnswerFrame["data"];
}

export interface Ask extends Common {
  readonly kind: "ask";
  readonly seq: number;
  readonly data: AskFrame["data"];
}

export interface Failure extends Common {
  readonly kind: "failure";
  readonly re: string | null;
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfter: number | null;
}

export interface LanguageChange extends Common {
  readonly kind: "language";
  readonly language: string;
}

export type Item = Mine | Answer | Ask | Failure | LanguageChange;

export interface Timeline {
  readonly items: readonly Item[];
  /** What to ask the history for next; null when there is no more, undefined before the first page. */
  readonly before: number | null | undefined;
  /** The highest `seq` seen. */
  readonly last: number;
  /** What ids of this browser begin with. */
  readonly browser: string;
}

export interface Page {
  readonly frames: readonly { readonly at: string; readonly frame: ConversationFrame }[];
  readonly before: number | null;
}

export type Change =
  | { readonly type: "frame"; readonly frame: ConversationFrame; readonly at: number | null }
  | { readonly type: "sent"; readonly sent: Sent; readonly at: number | null }
  | { readonly type: "older"; readonly page: Page }
  /** `known`: everything up to this `seq` had come when the page was asked for. */
  | { readonly type: "newest"; readonly page: Page; readonly known: number }
  | { readonly type: "trim"; readonly keep: number };

export function emptyTimeline(browser: string): Timeline {
  return { items: [], before: undefined, last: 0, browser };
}

/** The timeline after something happened; the very same when nothing is to be seen of it. */
export function changed(timeline: Timeline, change: Change): Timeline {
  switch (change.type) {
    case "frame":
      return withFrame(timeline, change.frame, change.at);
    case "sent":
      return withSent(timeline, change.sent, change.at);
    case "older":
      return { ...withPage(timeline, change.page), before: change.page.before };
    case "newest":
      return withNewest(timeline, change.page, change.known);
    case "trim":
      return trimmed(timeline, change.keep);
  }
}

const keyOfMessage = (id: string): string => `m:${id}`;
const keyOfFrame = (seq: number): string => `s:${seq}`;

/** Puts an item in its place, instead of the one with the same key if there is one. */
function placed(items: readonly Item[], item: Item): readonly Item[] {
  const next = items.filter((other) => other.key !== item.key);
  let at = next.length;
  while (at > 0 && next[at - 1]!.order > item.order) at--;
  next.splice(at, 0, item);
  return next;
}

function find(items: readonly Item[], key: string): Item | undefined {
  // What is looked for is nearly always among the newest.
  for (let at = items.length - 1; at >= 0; at--) {
    if (items[at]!.key === key) return items[at];
  }
  return undefined;
}

/** What to show of a frame, or null. `said` is not here: it may be known already. */
function itemOf(frame: ConversationFrame, at: number | null): Item | null {
  const common = { key: keyOfFrame(frame.seq ?? 0), order: frame.seq ?? 0, at };
  switch (frame.type) {
    case "answer":
      return { ...common, kind: "answer", data: frame.data };
    case "ask":
      return { ...common, kind: "ask", seq: frame.seq, data: frame.data };
    case "error":
      return {
        ...common,
        kind: "failure",
        re: frame.re ?? null,
        code: frame.code,
        retryable: frame.retryable,
        retryAfter: frame.retry_after ?? null,
      };
    case "language":
      return { ...common, kind: "language", language: frame.language };
    default:
      return null;
  }
}

function withSaid(
  timeline: Timeline,
  frame: Extract<ConversationFrame, { type: "said" }>,
  at: number | null,
): Timeline {
  const key = frame.id === undefined ? keyOfFrame(frame.seq) : keyOfMessage(frame.id);
  const known = find(timeline.items, key);
  const mine: Mine =
    known?.kind === "mine"
      ? { ...known, order: frame.seq, status: known.status === "unsent" ? "sent" : known.status }
      : {
          kind: "mine",
          key,
          order: frame.seq,
          at,
          id: frame.id ?? null,
          text: frame.message,
          status: "sent",
          answers: null,
          elsewhere: !frame.id?.startsWith(timeline.browser),
          error: null,
        };
  return { ...timeline, items: placed(timeline.items, mine) };
}

/** Gives the message that caused a frame its place before it, when it has none yet. */
function withCausePlaced(timeline: Timeline, frame: ConversationFrame): Timeline {
  const re = "re" in frame ? frame.re : undefined;
  if (re === undefined) return timeline;
  const cause = find(timeline.items, keyOfMessage(re));
  if (!cause || cause.order < (frame.seq ?? 0)) return timeline;
  const order = (frame.seq ?? 0) - 0.5;
  return { ...timeline, items: placed(timeline.items, { ...cause, order }) };
}

function withFrame(timeline: Timeline, frame: ConversationFrame, at: number | null): Timeline {
  const seq = frame.seq ?? 0;
  const next = seq > timeline.last ? { ...timeline, last: seq } : timeline;
  if (frame.type === "said") return withSaid(next, frame, at);
  const behind = withCausePlaced(next, frame);
  const item = itemOf(frame, at);
  if (!item || find(behind.items, item.key)) return behind;
  return { ...behind, items: placed(behind.items, item) };
}

function withSent(timeline: Timeline, sent: Sent, at: number | null): Timeline {
  const key = keyOfMessage(sent.id);
  const known = find(timeline.items, key);
  const settled = sent.status === "done" || sent.status === "refused";
  // Where a message stands is known when something comes of it; until then it waits at the end.
  const open = settled ? timeline.last + 0.5 : Infinity;
  const order = known && known.order !== Infinity ? known.order : open;
  const mine: Mine = {
    kind: "mine",
    key,
    order,
    at: known?.at ?? at,
    id: sent.id,
    text: sent.text,
    status: sent.status,
    answers: sent.answers ?? null,
    elsewhere: false,
    error: sent.error ?? null,
  };
  return { ...timeline, items: placed(timeline.items, mine) };
}

function withPage(timeline: Timeline, page: Page): Timeline {
  let next = timeline;
  for (const { at, frame } of page.frames) {
    const time = Date.parse(at);
    next = withFrame(next, frame, Number.isNaN(time) ? null : time);
  }
  return next;
}

/**
 * The newest page of the history, read at the start and whenever frames may have been missed.
 * When it does not reach back to what is shown, what is shown is given up: a hole in a
 * conversation is worse than reading the older part again.
 */
function withNewest(timeline: Timeline, page: Page, known: number): Timeline {
  const first = page.frames[0]?.frame.seq ?? 0;
  if (timeline.before === undefined) return { ...withPage(timeline, page), before: page.before };
  const reaches = page.before === null || first <= known + 1;
  if (reaches) return withPage(timeline, page);
  const kept = timeline.items.filter((item) => item.order === Infinity || item.order >= first);
  return { ...withPage({ ...timeline, items: kept }, page), before: page.before };
}

/** Forgets the oldest items; they are in the history when somebody scrolls back. */
function trimmed(timeline: Timeline, keep: number): Timeline {
  if (timeline.items.length <= keep || timeline.before === undefined) return timeline;
  const items = timeline.items.slice(-keep);
  const first = items[0]!.order;
  if (first === Infinity) return timeline;
  return { ...timeline, items, before: Math.ceil(first) };
}

/** The message that a failure is about, if it is on the screen and was not repeated since. */
export function causeOf(timeline: Timeline, failure: Failure): Mine | null {
  const cause = failure.re === null ? undefined : find(timeline.items, keyOfMessage(failure.re));
  return cause?.kind === "mine" ? cause : null;
}

/** What was said from here, newest first, for the key that recalls it. */
export function sentences(timeline: Timeline): string[] {
  const found: string[] = [];
  for (let at = timeline.items.length - 1; at >= 0; at--) {
    const item = timeline.items[at]!;
    if (item.kind === "mine" && item.text && item.text !== found.at(-1)) found.push(item.text);
  }
  return found;
}
