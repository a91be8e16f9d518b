/** The items of the conversation, each as it looks. */
import { Button } from "../shared/parts";
import { AlertIcon, RetryIcon } from "../shared/icons";
import { locale, t } from "../shared/texts";
import { CardView } from "./CardView";
import { Choices } from "./Choices";
import type { Conversation } from "./conversation";
import { RichText } from "./RichText";
import { explainFailure, say } from "./texts";
import type { Answer, Ask, Failure, Item, LanguageChange, Mine } from "./timeline";

function Retry({ conversation, mine }: { conversation: Conversation; mine: Mine }) {
  return (
    <Button class="small" onClick={() => conversation.again(mine)}>
      <RetryIcon /> {t("tryAgain")}
    </Button>
  );
}

function MineView({ item, conversation }: { item: Mine; conversation: Conversation }) {
  const { status, error } = item;
  return (
    <div class={`mine ${status}`} data-testid="mine" data-status={status}>
      <p class="bubble" dir="auto">
        <span class="sr-only">{say("you")}: </span>
        {item.text || " "}
      </p>
      {status === "unsent" && <p class="note">{say("unsent")}</p>}
      {item.elsewhere && <p class="note">{say("elsewhere")}</p>}
      {status === "refused" && error && (
        <div class="trouble">
          <p>
            <AlertIcon /> {explainFailure(error.code)}
            {error.retry_after ? ` ${say("retryAgainIn", { seconds: Math.ceil(error.retry_after) })}` : ""}
          </p>
          {error.retryable && <Retry conversation={conversation} mine={item} />}
        </div>
      )}
    </div>
  );
}

function AnswerView({ item }: { item: Answer }) {
  const { text, raw_text: raw, cards } = item.data;
  return (
    <div class="theirs" data-testid="answer">
      <span class="sr-only">{say("assistant")}: </span>
      {text && <RichText text={text} raw={raw} />}
      {cards && cards.length > 0 && (
        <div class={cards.length > 1 ? "cards several" : "cards"}>
          {cards.map((card, index) => (
            <CardView key={index} card={card} />
          ))}
        </div>
      )}
    </div>
  );
}

function AskView({ item, conversation }: { item: Ask; conversation: Conversation }) {
  const open = conversation.question.value?.seq === item.seq;
  return (
    <div class="theirs" data-testid="question" data-open={open}>
      <span class="sr-only">{say("assistant")}: </span>
      <RichText text={item.data.text} raw={item.data.raw_text} />
      {open && <Choices ask={item} conversation={conversation} />}
    </div>
  );
}

function FailureView({ item, conversation }: { item: Failure; conversation: Conversation }) {
  const cause = conversation.causeOf(item);
  return (
    <div class="theirs trouble" data-testid="failure">
      <p>
        <AlertIcon /> <span>{explainFailure(item.code)}</span>
      </p>
      {item.retryable && cause && <Retry conversation={conversation} mine={cause} />}
    </div>
  );
}

function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([locale.value], { type: "language" }).of(tag.split("-")[0]!) ?? tag;
  } catch {
    return tag;
  }
}

function LanguageView({ item }: { item: LanguageChange }) {
  return <p class="between">{say("languageChanged", { language: languageName(item.language) })}</p>;
}

/** One item, whatever it is. */
export function ItemView({ item, conversation }: { item: Item; conversation: Conversation }) {
  switch (item.kind) {
    case "mine":
      return <MineView item={item} conversation={conversation} />;
    case "answer":
      return <AnswerView item={item} />;
    case "ask":
      return <AskView item={item} conversation={conversation} />;
    case "failure":
      return <FailureView item={item} conversation={conversation} />;
    case "language":
      return <LanguageView item={item} />;
  }
}
