/** The chat: signing in, then the conversation of whoever is signed in. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Notice, Spinner } from "../shared/parts";
import { explain, loadMe, me, meProblem, signedIn, type Me } from "../shared/session";
import { t } from "../shared/texts";
import { Banner } from "./Banner";
import { Composer } from "./Composer";
import { Conversation } from "./conversation";
import { Header } from "./Header";
import { Log } from "./Log";
import { say } from "./texts";

function Announcer({ conversation }: { conversation: Conversation }) {
  return (
    <div class="sr-only" aria-live="polite" data-testid="announcer">
      {conversation.announcements.value.map(({ key, text }) => (
        <p key={key}>{text}</p>
      ))}
    </div>
  );
}

function Chat({ who }: { who: Me }) {
  const [conversation, setConversation] = useState<Conversation | null>(null);
  useEffect(() => {
    const made = new Conversation(who.id, who.language);
    setConversation(made);
    void made.start();
    const network = (event: Event) => made.networkIs(event.type === "online");
    // A phone that slept may hold a connection that is none any more.
    const awake = () => document.visibilityState === "visible" && made.retryNow();
    addEventListener("online", network);
    addEventListener("offline", network);
    document.addEventListener("visibilitychange", awake);
    return () => {
      removeEventListener("online", network);
      removeEventListener("offline", network);
      document.removeEventListener("visibilitychange", awake);
      made.stop();
    };
  }, [who.id]);
  if (!conversation) return null;
  return (
    <div class="chat">
      <Header me={who} conversation={conversation} />
      <Banner conversation={conversation} />
      <Log me={who} conversation={conversation} />
      <Composer conversation={conversation} />
      <Announcer conversation={conversation} />
    </div>
  );
}

/** There is a login, but nobody has said yet whose it is. */
function Opening() {
  const problem = meProblem.value;
  useEffect(() => {
    if (!problem) return;
    const again = () => void loadMe();
    const timer = setTimeout(again, 5_000);
    addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", again);
    };
  }, [problem]);
  return (
    <main class="opening">
      {problem ? (
        <>
          <Notice tone="danger">
            {say("noMe")} {explain(problem)}
          </Notice>
          <Button onClick={() => void loadMe()}>{t("tryAgain")}</Button>
        </>
      ) : (
        <Spinner label={t("working")} />
      )}
    </main>
  );
}

/** Signing in is a part of its own: whoever is signed in already does not load it. */
function Door() {
  const [Part, setPart] = useState<{ SignIn: ComponentType<{ lead?: string }> } | null>(null);
  useEffect(() => {
    void import("../shared/SignIn").then(setPart);
  }, []);
  return Part && <Part.SignIn />;
}

export function App() {
  useEffect(() => {
    document.title = t("appName");
  });
  if (!signedIn.value) return <Door />;
  return me.value ? <Chat key={me.value.id} who={me.value} /> : <Opening />;
}
