/** The conversation of one person in one tab: the library's events as signals for the page. */
import {
  Assistant,
  BrowserMemory,
  type AskFrame,
  type ConversationFrame,
  type Memory,
  type Status,
  type Working,
} from "@pytlas/client";
import { batch, signal } from "@preact/signals";
import { account, loadMe, me } from "../shared/session";
import { explainFailure, say } from "./texts";
import { causeOf, changed, emptyTimeline, type Change, type Failure, type Mine } from "./timeline";
import { browserParts, Voice, type Wish } from "./voice";

const PAGE = 60;
const KEPT = 400;
// What frames need besides the sentence; JSON escapes make a sentence longer.
const FRAME_ROOM = 1_024;
// The server writes its log within a twentieth of a second (spec 5.3).
const LOG_DELAY = 150;
// The library learns within ten seconds whether a connection still lives.
const DOUBT = 12_000;

export interface Announcement {
  readonly key: string;
  readonly text: string;
}

export interface Connection {
  readonly status: Status;
  readonly retryAt: number | null;
  readonly reason: string | null;
}

/** What ids of this browser begin with: so its own messages are known from those of others. */
function browserName(): string {
  const KEY = "pytlas-browser";
  try {
    const known = localStorage.getItem(KEY);
    if (known) return known;
    const made = crypto.getRandomValues(new Uint32Array(2)).join("").slice(0, 12);
    localStorage.setItem(KEY, made);
    return made;
  } catch {
    return Math.random().toString(36).slice(2, 12);
  }
}

const aloudWish: Wish = {
  read: () => {
    try {
      return localStorage.getItem("pytlas-aloud") === "yes";
    } catch {
      return false;
    }
  },
  write: (aloud) => {
    try {
      if (aloud) localStorage.setItem("pytlas-aloud", "yes");
      else localStorage.removeItem("pytlas-aloud");
    } catch {
      // Then it holds until the page is closed.
    }
  },
};

/**
 * What was sent without an outcome survives a reload; the place in the conversation does not:
 * after a reload the page wants the present state, the question and the context above all, and
 * the history tells the rest.
 */
function memoryOf(userId: number): Memory {
  const kept = new BrowserMemory(`pytlas-sent-${userId}`);
  return {
    read: () => {
      const state = kept.read();
      if (!state) return null;
      const { last: _, ...rest } = state;
      return rest;
    },
    write: (state) => kept.write(state),
  };
}

export class Conversation {
  readonly timeline;
  readonly connection = signal<Connection>({ status: "connecting", retryAt: null, reason: null });
  readonly question = signal<AskFrame | null>(null);
  readonly context = signal<string | null>(null);
  readonly working = signal<Working | null>(null);
  /** The history is being read; `failed` when it could not be. */
  readonly reading = signal<"no" | "yes" | "failed">("no");
  /** The first page of the history was read, or there is none. */
  readonly opened = signal(false);
  readonly announcements = signal<readonly Announcement[]>([]);
  readonly voice = new Voice(browserParts(), aloudWish);

  /** The network seems to be gone, though the connection has not ended yet. */
  readonly doubtful = signal(false);

  private readonly assistant: Assistant;
  private readonly memory: Memory;
  private readonly browser = browserName();
  private announced = 0;
  private doubtEnds: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private readonly offs: (() => void)[] = [];

  constructor(userId: number, language: string) {
    this.timeline = signal(emptyTimeline(this.browser));
    this.memory = memoryOf(userId);
    this.voice.language = language;
    this.voice.onSentence = (sentence) => this.say(sentence, undefined, true);
    this.assistant = new Assistant({
      account,
      memory: this.memory,
      newId: () => `${this.browser}-${randomPart()}`,
    });
    this.listen();
  }

  /** Reads the newest part of the history, then connects. */
  async start(): Promise<void> {
    for (const sent of this.assistant.pending) this.change({ type: "sent", sent, at: null });
    await this.readNewest(0);
    this.opened.value = true;
    if (!this.stopped) this.assistant.start();
  }

  stop(): void {
    this.stopped = true;
    for (const off of this.offs) off();
    clearTimeout(this.doubtEnds);
    this.voice.typed();
    this.voice.hush();
    this.assistant.stop();
  }

  /** Forgets what is kept in the browser for this person. */
  forget(): void {
    this.memory.write(null);
  }

  /** Says a sentence, or chooses: `answers` is then the number of the question. */
  say(text: string, answers?: number, spoken = false): void {
    if (!spoken) this.voice.typed();
    this.voice.hush();
    const sent = this.assistant.say(text, answers === undefined ? {} : { answers });
    this.change({ type: "sent", sent, at: Date.now() });
  }

  /** How long a sentence may be, in bytes; null while the server has not said. */
  get longest(): number | null {
    const { limits } = this.assistant;
    return limits ? limits.max_message_bytes - FRAME_ROOM : null;
  }

  /** Says once more what failed; under a new id, since the old one has had its outcome. */
  again(mine: Mine): void {
    this.say(mine.text, mine.answers ?? undefined);
  }

  causeOf(failure: Failure): Mine | null {
    return causeOf(this.timeline.value, failure);
  }

  cancel(): void {
    this.voice.typed();
    this.voice.hush();
    this.assistant.cancel();
  }

  /** Whether a cancel would end anything. */
  get cancellable(): boolean {
    return (
      this.working.value !== null || this.question.value !== null || this.context.value !== null
    );
  }

  retryNow(): void {
    this.assistant.retryNow();
  }

  /**
   * The browser says whether the machine has a network. That is a hint: a server on the same
   * machine is there without one. So it counts until the connection has shown that it lives.
   */
  networkIs(there: boolean): void {
    this.doubt(!there);
    this.assistant.retryNow();
  }

  private doubt(doubtful: boolean): void {
    clearTimeout(this.doubtEnds);
    this.doubtful.value = doubtful;
    if (!doubtful) return;
    this.doubtEnds = setTimeout(() => {
      if (this.connection.value.status === "ready") this.doubtful.value = false;
    }, DOUBT);
  }

  /** Reads one more page of what was said before; true when something came. */
  async readOlder(): Promise<boolean> {
    const { before } = this.timeline.value;
    if (before === null || before === undefined || this.reading.value === "yes") return false;
    this.reading.value = "yes";
    try {
      const page = await account.history({ before, limit: PAGE });
      batch(() => {
        this.change({ type: "older", page });
        this.reading.value = "no";
      });
      return true;
    } catch {
      this.reading.value = "failed";
      return false;
    }
  }

  /** Gives up old items while the newest are on the screen, so that a long talk stays quick. */
  trim(): void {
    this.change({ type: "trim", keep: KEPT });
  }

  private async readNewest(known: number): Promise<void> {
    try {
      const page = await account.history({ limit: PAGE });
      this.change({ type: "newest", page, known });
    } catch {
      // Without a history (it may be switched off) the conversation begins here.
    }
  }

  private change(change: Change): void {
    this.timeline.value = changed(this.timeline.value, change);
  }

  private listen(): void {
    const { assistant, offs } = this;
    offs.push(
      assistant.on("status", ({ status, retryAt, reason }) => {
        this.connection.value = { status, retryAt: retryAt ?? null, reason: reason ?? null };
      }),
      assistant.on("ready", (ready) => {
        this.voice.language = ready.language;
        this.doubt(false);
        const known = this.timeline.value.last;
        if (!ready.resumed && ready.seq > known) {
          setTimeout(() => this.stopped || void this.readNewest(known), LOG_DELAY);
        }
      }),
      assistant.on("frame", ({ frame, past }) => this.take(frame, past)),
      assistant.on("question", (question) => (this.question.value = question)),
      assistant.on("context", (context) => (this.context.value = context)),
      assistant.on("working", (working) => (this.working.value = working)),
      assistant.on("language", (language) => {
        this.voice.language = language;
        // The page speaks the language of the person, too.
        if (me.value && me.value.language !== language) void loadMe();
      }),
      assistant.on("listen", () => {
        if (document.visibilityState === "visible") this.voice.expectReply();
      }),
      assistant.on("sent", (sent) => this.change({ type: "sent", sent, at: Date.now() })),
      assistant.on("refused", ({ error, sent }) => {
        this.announce(`r${this.announced}`, explainFailure(error.code));
        if (sent) this.change({ type: "sent", sent, at: Date.now() });
      }),
    );
  }

  private take(frame: ConversationFrame, past: boolean): void {
    this.doubt(false);
    const known = this.timeline.value.last;
    this.change({ type: "frame", frame, at: past ? null : Date.now() });
    // What the history has shown already needs not be said again.
    if (past || (frame.seq ?? 0) <= known) return;
    const text = spoken(frame);
    if (!text) return;
    this.announce(`s${frame.seq}`, text);
    if (frame.type === "error" || document.visibilityState !== "visible") return;
    this.voice.say(text);
  }

  private announce(key: string, text: string): void {
    this.announced++;
    this.announcements.value = [
      ...this.announcements.value.filter((other) => other.key !== key),
      { key, text: text.slice(0, 1_000) },
    ].slice(-4);
  }
}

function randomPart(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(3));
  return Array.from(numbers, (number) => number.toString(36)).join("");
}

/** What a frame says, in plain words: to be announced and read out. */
function spoken(frame: ConversationFrame): string {
  switch (frame.type) {
    case "answer": {
      const { raw_text: text, cards } = frame.data;
      const headers = (cards ?? []).map((card) =>
        [card.raw_header, card.raw_subhead].filter(Boolean).join(", "),
      );
      return [text, ...headers].filter(Boolean).join("\n");
    }
    case "ask": {
      const choices = frame.data.choices?.length
        ? ` ${say("choices")}: ${frame.data.choices.join(", ")}.`
        : "";
      return `${frame.data.raw_text ?? frame.data.text}${choices}`;
    }
    case "error":
      return explainFailure(frame.code);
    default:
      return "";
  }
}
