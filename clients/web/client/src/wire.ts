import type { ConversationFrame, ServerFrame } from "./frames.js";

type Test = (value: unknown) => boolean;
type Shape = { needs: Record<string, Test>; may?: Record<string, Test> };

const isText: Test = (value) => typeof value === "string";
const isTruth: Test = (value) => typeof value === "boolean";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSeq: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
// JSON has numbers such as 1e999, which are none that one can wait for.
const isLength: Test = (value) => Number.isFinite(value) && (value as number) >= 0;
const isSome: Test = (value) => Number.isFinite(value) && (value as number) > 0;
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isFilled: Test = (value) => isText(value) && value !== "";
const isId: Test = (value) => isFilled(value) && [...(value as string)].length <= 128;
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const isListOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const isLike =
  ({ needs, may = {} }: Shape): Test =>
  (value) =>
    isObject(value) &&
    Object.keys(needs).every((key) => Object.hasOwn(value, key) && needs[key]!(value[key])) &&
    Object.keys(may).every((key) => !Object.hasOwn(value, key) || may[key]!(value[key]));

const maybeText = orNull(isText);
const numbered = { needs: { seq: isSeq }, may: { re: isId } };
const isCard = isLike({
  needs: {
    header: maybeText,
    raw_header: maybeText,
    text: maybeText,
    raw_text: maybeText,
    subhead: maybeText,
    raw_subhead: maybeText,
    header_link: maybeText,
    media: maybeText,
  },
});

/** The frames of a server by `type`, as spec/schema has them. */
const FRAMES = new Map<unknown, Test>(
  Object.entries({
    thinking: isLike(numbered),
    done: isLike({ needs: { seq: isSeq, require_input: isTruth }, may: numbered.may }),
    context: isLike({ needs: { seq: isSeq, name: maybeText }, may: numbered.may }),
    language: isLike({ needs: { seq: isSeq, language: isText } }),
    said: isLike({ needs: { seq: isSeq, message: isText }, may: { id: isId } }),
    answer: isLike({
      needs: {
        seq: isSeq,
        data: isLike({
          needs: { text: maybeText, raw_text: maybeText, cards: orNull(isListOf(isCard)) },
        }),
      },
      may: numbered.may,
    }),
    ask: isLike({
      needs: {
        seq: isSeq,
        data: isLike({
          needs: {
            slot: isText,
            text: isText,
            raw_text: maybeText,
            choices: orNull(isListOf(isText)),
          },
        }),
      },
      may: numbered.may,
    }),
    error: isLike({
      needs: { code: isFilled, message: isText, retryable: isTruth },
      may: { retry_after: isLength, re: isId, seq: isSeq },
    }),
    renewed: isLike({ needs: { expires_in: isLength } }),
    goodbye: isLike({ needs: { reason: isFilled, retry_after: isLength } }),
    ready: isLike({
      needs: {
        language: isText,
        seq: isSeq,
        resumed: isTruth,
        server: isLike({ needs: { name: isText, version: isText } }),
        limits: isLike({
          needs: {
            max_message_bytes: isCount,
            max_queued_messages: isCount,
            turn_deadline_seconds: isSome,
          },
          may: {
            max_remembered_ids: isCount,
            message_burst: isCount,
            message_rate_per_second: isSome,
          },
        }),
      },
    }),
  }),
);

/** The value as a frame of a server; null when it is none, or of a later version (spec 9.1). */
export function asFrame(value: unknown): ServerFrame | null {
  if (!isObject(value) || !Object.hasOwn(value, "type")) return null;
  return FRAMES.get(value["type"])?.(value) ? (value as unknown as ServerFrame) : null;
}

/** What a WebSocket brought as a frame; null for whatever is none. */
export function readFrame(data: unknown): ServerFrame | null {
  if (typeof data !== "string") return null;
  try {
    return asFrame(JSON.parse(data));
  } catch {
    return null;
  }
}

/** Whether the frame belongs to the conversation: those have a number (spec 5.3). */
export function hasSeq(frame: ServerFrame): frame is ConversationFrame {
  if (frame.type === "error") return Object.hasOwn(frame, "seq");
  return !["ready", "renewed", "goodbye"].includes(frame.type);
}

/** The page of the history (spec 6.21) without what is no frame of a conversation. */
export function readHistory(data: unknown): {
  frames: { at: string; frame: ConversationFrame }[];
  before: number | null;
} {
  const page = isObject(data) ? data : {};
  const frames = [];
  for (const item of Array.isArray(page["frames"]) ? (page["frames"] as unknown[]) : []) {
    if (!isObject(item)) continue;
    const frame = asFrame(item["frame"]);
    const at = item["at"];
    if (frame && hasSeq(frame) && typeof at === "string") frames.push({ at, frame });
  }
  const before = page["before"];
  return { frames, before: isSeq(before) ? (before as number) : null };
}
