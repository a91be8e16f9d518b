/** Where one says something: the input, the microphone, and what can be cancelled. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton, Notice } from "../shared/parts";
import { CloseIcon, MicrophoneIcon, SendIcon, StopIcon } from "../shared/icons";
import { t } from "../shared/texts";
import type { Conversation } from "./conversation";
import { choiceOfDigit } from "./digits";
import { say } from "./texts";
import { sentences } from "./timeline";

/** Recalls what was said before, like a terminal does. */
class Recall {
  private at = -1;
  private shown: string | null = null;

  /** The sentence to show instead of `present`, or null when the key means something else. */
  step(all: readonly string[], present: string, older: boolean): string | null {
    if (present !== "" && present !== this.shown) return null;
    if (present === "") this.at = -1;
    const next = this.at + (older ? 1 : -1);
    if (next >= all.length || (!older && this.at < 0)) return null;
    this.at = Math.max(-1, next);
    this.shown = this.at < 0 ? "" : all[this.at]!;
    return this.shown;
  }
}

const bytes = (text: string): number => new TextEncoder().encode(JSON.stringify(text)).length;

export function Composer({ conversation }: { conversation: Conversation }) {
  const [text, setText] = useState("");
  const [tooLong, setTooLong] = useState<number | null>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const recall = useRef(new Recall());
  const { voice } = conversation;
  const question = conversation.question.value;
  const listening = voice.listening.value;
  const shown = listening ? voice.heard.value : text;

  useLayoutEffect(() => {
    const area = input.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.35)}px`;
  }, [shown]);

  // A question wants an answer: on a machine with a keyboard the input is ready for it. A phone
  // would cover half of the question with its keyboard.
  const mayFocus = (): boolean => matchMedia("(pointer: fine)").matches;
  // Before anybody can press a key: later it would take the focus away again.
  useLayoutEffect(() => {
    if (question && mayFocus()) input.current?.focus();
  }, [question?.seq]);
  // After what had the focus has gone with its question.
  useEffect(() => {
    if (document.activeElement === document.body && mayFocus()) input.current?.focus();
  }, [question?.seq]);

  const send = () => {
    if (!text.trim()) return;
    const { longest } = conversation;
    if (longest !== null && bytes(text) > longest) {
      setTooLong(Math.floor(longest / 1_000));
      return;
    }
    conversation.say(text);
    setText("");
    input.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
      return;
    }
    if (event.shiftKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const all = sentences(conversation.timeline.value);
    const said = recall.current.step(all, text, event.key === "ArrowUp");
    if (said === null) return;
    event.preventDefault();
    setText(said);
  };

  useEffect(() => {
    const onPageKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape") {
        if (voice.listening.value) voice.stopListening();
        else if (conversation.cancellable) conversation.cancel();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target as HTMLElement;
      const elsewhere = target !== input.current && target.closest("input, select, textarea, dialog");
      if (elsewhere || input.current?.value) return;
      const asked = conversation.question.value;
      const choice = choiceOfDigit(asked?.data.choices ?? null, event.key);
      if (choice === null) return;
      event.preventDefault();
      conversation.say(choice, asked!.seq);
      input.current?.focus();
    };
    document.addEventListener("keydown", onPageKey);
    return () => document.removeEventListener("keydown", onPageKey);
  }, []);

  const problem = voice.problem.value;
  return (
    <footer class="composer">
      <div class="column">
        {problem && (
          <Notice tone="warning">
            {say(problem === "blocked" ? "microphoneBlocked" : "microphoneFailed")}
          </Notice>
        )}
        {tooLong !== null && <Notice tone="warning">{say("tooLong", { limit: tooLong })}</Notice>}
        <form
          class={listening ? "say listening" : "say"}
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <textarea
            ref={input}
            rows={1}
            aria-label={say("message")}
            placeholder={say(listening ? "listening" : question ? "replyHint" : "messageHint")}
            dir="auto"
            enterkeyhint="send"
            autocomplete="off"
            value={shown}
            readOnly={listening}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setTooLong(null);
              voice.typed();
            }}
            onKeyDown={onKeyDown}
          />
          {conversation.cancellable && (
            <IconButton
              label={t("cancel")}
              title={say("cancelHint")}
              class="cancel"
              onClick={() => {
                conversation.cancel();
                input.current?.focus();
              }}
            >
              {conversation.working.value ? <StopIcon /> : <CloseIcon />}
            </IconButton>
          )}
          {voice.canListen && (
            <IconButton
              label={say(listening ? "stopSpeaking" : "speak")}
              class={listening ? "microphone on" : "microphone"}
              aria-pressed={listening}
              onClick={() => (listening ? voice.stopListening() : voice.listen())}
            >
              <MicrophoneIcon />
            </IconButton>
          )}
          <Button
            kind="primary"
            type="submit"
            class="icon-button send"
            aria-label={say("send")}
            title={say("send")}
            disabled={!text.trim()}
          >
            <SendIcon />
          </Button>
        </form>
      </div>
    </footer>
  );
}
