import type { ConversationFrame } from "@pytlas/client";

/** Something that was said, by the person or the assistant. */
export interface Line {
  readonly seq: number;
  readonly at: string;
  readonly who: "you" | "assistant";
  readonly text: string;
}

type Logged = { readonly at: string; readonly frame: ConversationFrame };

/** What people have said and heard in some frames; what only devices care about is left out. */
export function linesOf(frames: readonly Logged[]): Line[] {
  return frames.flatMap(({ at, frame }) => {
    const line = lineOf(frame);
    return line && line.text ? [{ ...line, seq: frame.seq, at }] : [];
  });
}

function lineOf(frame: ConversationFrame): Pick<Line, "who" | "text"> | null {
  if (frame.type === "said") return { who: "you", text: frame.message };
  if (frame.type === "ask") return { who: "assistant", text: frame.data.raw_text ?? frame.data.text };
  if (frame.type !== "answer") return null;
  const { raw_text, text, cards } = frame.data;
  const onCards = (cards ?? []).map((card) => card.raw_header ?? card.header ?? card.raw_text ?? card.text);
  return { who: "assistant", text: [raw_text ?? text, ...onCards].filter(Boolean).join(" · ") };
}
