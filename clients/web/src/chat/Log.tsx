/** The conversation itself: follows what is new, and reads what is older when scrolled back. */
import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, Spinner } from "../shared/parts";
import { DownIcon, Mark } from "../shared/icons";
import type { Me } from "../shared/session";
import { locale, t } from "../shared/texts";
import type { Conversation } from "./conversation";
import { ItemView } from "./Items";
import { say } from "./texts";
import { Thinking } from "./Thinking";
import type { Item } from "./timeline";
import { apart, moment } from "./times";
import { SHOWN, STEP, windowOf } from "./window";

// This near to the end, what is new is followed.
const NEAR = 96;

function Welcome({ me, conversation }: { me: Me; conversation: Conversation }) {
  return (
    <div class="welcome">
      <Mark size={56} />
      <h2>{say("welcome", { name: me.display_name || me.name })}</h2>
      <p>{say("welcomeText")}</p>
      <button type="button" class="choice" onClick={() => conversation.say(say("welcomeTry"))}>
        {say("welcomeTry")}
      </button>
    </div>
  );
}

function timesOf(items: readonly Item[]): (number | null)[] {
  let before: number | null = null;
  return items.map((item) => {
    const shows = apart(before, item.at);
    before = item.at ?? before;
    return shows ? item.at : null;
  });
}

/** Keeps what one reads where it is, while items come and go above it. */
function useAnchor(scroller: { current: HTMLElement | null }) {
  const anchor = useRef<{ key: string; top: number } | null>(null);
  const hold = () => {
    const box = scroller.current;
    if (!box) return;
    const top = box.getBoundingClientRect().top;
    for (const element of box.querySelectorAll<HTMLElement>("[data-key]")) {
      const place = element.getBoundingClientRect();
      if (place.bottom <= top) continue;
      anchor.current = { key: element.dataset["key"]!, top: place.top };
      return;
    }
  };
  const restore = () => {
    const held = anchor.current;
    const box = scroller.current;
    anchor.current = null;
    if (!held || !box) return false;
    const element = box.querySelector<HTMLElement>(`[data-key="${CSS.escape(held.key)}"]`);
    if (element) box.scrollTop += element.getBoundingClientRect().top - held.top;
    return true;
  };
  return { hold, restore };
}

export function Log({ me, conversation }: { me: Me; conversation: Conversation }) {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const bottom = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const lastTop = useRef(0);
  const [until, setUntil] = useState<string | null>(null);
  const [away, setAway] = useState(false);
  const [unread, setUnread] = useState(false);
  const { hold, restore } = useAnchor(scroller);

  const timeline = conversation.timeline.value;
  const { items } = timeline;
  const { start, end, shown } = windowOf(items, until);
  const times = timesOf(shown);
  const working = conversation.working.value;
  const newest = items.at(-1);

  const toEnd = () => {
    following.current = true;
    setUntil(null);
    setUnread(false);
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };
  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR && until === null;
    // An event of following itself may come when more has grown below already: only who moves
    // up wants to stay there.
    const up = box.scrollTop < lastTop.current - 1;
    lastTop.current = box.scrollTop;
    if (!near && !up && following.current) return;
    following.current = near;
    setAway(!near);
    if (near) setUnread(false);
  };

  useLayoutEffect(() => {
    if (restore()) return;
    if (following.current) toEnd();
  }, [items, until, working, conversation.opened.value]);

  // What was said here is always shown; what comes while one reads older things is announced.
  const lastKey = useRef(newest?.key);
  useEffect(() => {
    if (newest?.key === lastKey.current) return;
    lastKey.current = newest?.key;
    if (newest?.kind === "mine" && !newest.elsewhere) toEnd();
    else if (!following.current) setUnread(true);
    if (following.current) conversation.trim();
  }, [newest?.key]);

  // Pictures and folded texts change heights after the fact.
  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    const observer = new ResizeObserver(() => {
      if (following.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(content.current);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const moveUp = () => {
    if (start > 0) {
      hold();
      following.current = false;
      setUntil(items[Math.max(SHOWN, end - STEP) - 1]!.key);
    } else if (conversation.reading.value === "no") {
      hold();
      void conversation.readOlder().then((came) => came || restore());
    }
  };
  const moveDown = () => {
    if (end >= items.length) return;
    hold();
    const next = Math.min(items.length, end + STEP);
    setUntil(next === items.length ? null : items[next - 1]!.key);
  };
  useEffect(() => {
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          if (entry.target === top.current) moveUp();
          else moveDown();
        }
      },
      { root: scroller.current, rootMargin: "300px 0px" },
    );
    if (top.current) watch.observe(top.current);
    if (bottom.current) watch.observe(bottom.current);
    return () => watch.disconnect();
  }, [shown[0]?.key, shown.at(-1)?.key, timeline.before, conversation.opened.value]);

  const more = start > 0 || typeof timeline.before === "number";
  const empty = conversation.opened.value && !items.length && !more;
  return (
    <main class="scroller" ref={scroller} onScroll={onScroll} tabIndex={-1}>
      <div class="column" ref={content}>
        <h2 class="sr-only">{say("conversation")}</h2>
        {conversation.reading.value === "failed" ? (
          <p class="between">
            {say("olderFailed")}{" "}
            <Button class="small" onClick={() => void conversation.readOlder()}>
              {t("tryAgain")}
            </Button>
          </p>
        ) : (
          more && (
            <div class="between" ref={top}>
              <Spinner />
              <span class="sr-only">{say("older")}</span>
            </div>
          )
        )}
        {empty && <Welcome me={me} conversation={conversation} />}
        <div
          class="log"
          role="log"
          aria-live="off"
          aria-label={say("conversation")}
          tabIndex={0}
          aria-busy={!conversation.opened.value}
        >
          {shown.map((item, index) => (
            <Fragment key={item.key}>
              {times[index] !== null && times[index] !== undefined && (
                <p class="between time">
                  <time dateTime={new Date(times[index]!).toISOString()}>
                    {moment(times[index]!, Date.now(), locale.value, {
                      today: say("today"),
                      yesterday: say("yesterday"),
                    })}
                  </time>
                </p>
              )}
              <div class={item.kind === "mine" ? "item from-me" : "item"} data-key={item.key}>
                <ItemView item={item} conversation={conversation} />
              </div>
            </Fragment>
          ))}
        </div>
        {working && <Thinking since={working.since} />}
        {end < items.length && <div class="between" ref={bottom} />}
      </div>
      {away && (
        <div class="to-end">
          <Button class="round" onClick={toEnd} aria-label={unread ? undefined : say("toNewest")}>
            {unread && <span>{say("newMessages")}</span>}
            <DownIcon />
          </Button>
        </div>
      )}
    </main>
  );
}
