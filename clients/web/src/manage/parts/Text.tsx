import { useState } from "preact/hooks";
import { t } from "../texts";

const LONG = 600;

/** Words of somebody else - a name, a description, an error - as they are and of any length. */
export function Text({ children, limit = LONG }: { children: string; limit?: number }) {
  const [all, setAll] = useState(false);
  if (children.length <= limit) return <bdi class="foreign">{children}</bdi>;
  return (
    <>
      <bdi class={all ? "foreign all" : "foreign"}>{all ? children : `${startOf(children, limit)}…`}</bdi>{" "}
      <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? t("showLess") : t("showAll")}
      </button>
    </>
  );
}

/** A name on one line, cut where there is no more room. */
export function Name({ children }: { children: string }) {
  return <bdi class="name">{startOf(children, 200)}</bdi>;
}

/** A text that cannot turn the direction of the sentence in which it stands. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** The beginning of a text, for where there is no room: labels of buttons, titles of dialogs. */
export function startOf(text: string, limit = 60): string {
  if (text.length <= limit) return text;
  // A character beyond the basic plane is two units, which must not be parted.
  return text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "");
}
