/** Texts of skills: Markdown where it can be read quickly, else the plain text. */
import { useMemo, useState } from "preact/hooks";
import { Button } from "../shared/parts";
import { render, renderLine } from "./markdown";
import { say } from "./texts";

// What is shown of a long text until more is asked for.
const EXCERPT = 4_000;

/** A picture that cannot be loaded gives way to its description. */
function onPictureError(event: Event): void {
  const picture = event.target;
  if (!(picture instanceof HTMLImageElement)) return;
  const words = document.createElement("em");
  words.textContent = picture.alt || say("noPicture");
  picture.replaceWith(words);
}

function LongText({ text }: { text: string }) {
  const [all, showAll] = useState(false);
  const long = text.length > EXCERPT;
  return (
    <div class="prose plain" dir="auto">
      {all || !long ? text : `${text.slice(0, EXCERPT)}…`}
      {long && !all && (
        <p>
          <Button class="small" onClick={() => showAll(true)}>
            {say("showAll", { size: Math.ceil(text.length / 1_000) })}
          </Button>
        </p>
      )}
    </div>
  );
}

export function RichText({ text, raw }: { text: string; raw?: string | null }) {
  const html = useMemo(() => render(text), [text]);
  if (html === null) return <LongText text={raw ?? text} />;
  return (
    <div
      class="prose"
      dir="auto"
      onErrorCapture={onPictureError}
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}

/** One line, such as a headline. */
export function RichLine({ text, raw }: { text: string; raw?: string | null }) {
  const html = useMemo(() => renderLine(text), [text]);
  if (html === null) return <span dir="auto">{(raw ?? text).slice(0, 500)}</span>;
  return <span dir="auto" onErrorCapture={onPictureError} dangerouslySetInnerHTML={{ __html: html }} />;
}
