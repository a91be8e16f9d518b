/** The choices of the open question: buttons, arrows between them, and digits from the input. */
import { useState } from "preact/hooks";
import type { Conversation } from "./conversation";
import { digitsChoose } from "./digits";
import { say } from "./texts";
import type { Ask } from "./timeline";

const STEPS: Record<string, number> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
};

export function Choices({ ask, conversation }: { ask: Ask; conversation: Conversation }) {
  const [current, setCurrent] = useState(0);
  const choices = ask.data.choices ?? [];
  if (!choices.length) return null;
  const numbered = digitsChoose(choices);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>("button")];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const step = STEPS[event.key];
    const to =
      event.key === "Home" ? 0
      : event.key === "End" ? buttons.length - 1
      : step && at >= 0 ? (at + step + buttons.length) % buttons.length
      : null;
    if (to === null) return;
    event.preventDefault();
    setCurrent(to);
    buttons[to]?.focus();
  };
  return (
    <div class="choices" role="group" aria-label={say("choices")} onKeyDown={onKeyDown}>
      {choices.map((choice, index) => (
        <button
          key={`${index} ${choice}`}
          type="button"
          class="choice"
          data-testid="choice"
          tabIndex={index === Math.min(current, choices.length - 1) ? 0 : -1}
          onFocus={() => setCurrent(index)}
          onClick={() => conversation.say(choice, ask.seq)}
        >
          {numbered && index < 9 && (
            <kbd aria-hidden="true">{index + 1}</kbd>
          )}
          <span dir="auto">{choice}</span>
        </button>
      ))}
    </div>
  );
}
