import type { ConversationFrame } from "@pytlas/client";

/** Something that was said, by the person or the assistant. */
export interface Line {
  readonly seq: number;
  readonly at: string;
  readonly who: "you" | "assistant";
  /** What was said, and then what stands on cards; one cannot turn the direction of another. */
  readonly texts: readonly string[];
}

type Logged = { readonly at: string; readonly frame: ConversationFrame };

/** What people have said and heard in some frames; what only devices care about is left out. */
export function linesOf(frames: readonly Logged[]): Line[] {
  return frames.flatMap(({ at, frame }) => {
    const line = lineOf(frame);
    return line && line.texts.length > 0 ? [{ ...line, seq: frame.seq, at }] : [];
  });
}

// What is left of a table of Markdown in a text: the rule below its head, and bars around cells.
const RULE = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*(\n|$)/gm;
const ROW = /^[ \t]*\|(.+)\|[ \t]*$/gm;

/** A text without the bars and rules of its tables. */
function withoutBars(text: string): string {
  return text.replace(RULE, "").replace(ROW, (_row, cells: string) => cells.split("|").map((cell) => cell.trim()).join(", "));
}

function lineOf(frame: ConversationFrame): Pick<Line, "who" | "texts"> | null {
  if (frame.type === "said") return { who: "you", texts: [frame.message] };
  if (frame.type === "ask") return { who: "assistant", texts: [withoutBars(frame.data.raw_text ?? frame.data.text)] };
  if (frame.type !== "answer") return null;
  const { raw_text, text, cards } = frame.data;
  const onCards = (cards ?? []).map((card) => card.raw_header ?? card.header ?? card.raw_text ?? card.text);
  return { who: "assistant", texts: [raw_text ?? text, ...onCards].filter((one) => typeof one === "string").map(withoutBars) };
}
