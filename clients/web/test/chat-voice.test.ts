import { beforeEach, describe, expect, it } from "vitest";
import { Voice, type Recognition, type VoiceParts } from "../src/chat/voice";

class FakeRecognition implements Recognition {
  static all: FakeRecognition[] = [];
  lang = "";
  interimResults = false;
  continuous = true;
  onresult: Recognition["onresult"] = null;
  onerror: Recognition["onerror"] = null;
  onend: Recognition["onend"] = null;
  state: "new" | "started" | "stopped" | "aborted" = "new";

  constructor() {
    FakeRecognition.all.push(this);
  }

  start(): void {
    this.state = "started";
  }

  stop(): void {
    this.state = "stopped";
    this.onend?.();
  }

  abort(): void {
    this.state = "aborted";
    this.onerror?.({ error: "aborted" });
    this.onend?.();
  }

  hears(transcript: string, isFinal: boolean): void {
    this.onresult?.({ results: [{ isFinal, length: 1, 0: { transcript } }] });
  }
}

class FakeUtterance {
  lang = "";
  onend: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly text: string) {}
}

class FakeSynthesis {
  spoken: FakeUtterance[] = [];
  cancelled = 0;
  speak(utterance: FakeUtterance): void {
    this.spoken.push(utterance);
  }

  cancel(): void {
    this.cancelled++;
    for (const utterance of this.spoken) utterance.onerror?.();
  }
}

class FakeWish {
  constructor(public aloud = false) {}
  read = () => this.aloud;
  write = (aloud: boolean) => {
    this.aloud = aloud;
  };
}

let synthesis: FakeSynthesis;
let sentences: string[];

function voiceOf(parts: Partial<VoiceParts> = {}, wish = new FakeWish()): Voice {
  const voice = new Voice(
    { recognition: FakeRecognition, synthesis, utterance: FakeUtterance as never, ...parts },
    wish,
  );
  voice.onSentence = (sentence) => sentences.push(sentence);
  return voice;
}

const microphone = () => FakeRecognition.all.at(-1)!;

beforeEach(() => {
  FakeRecognition.all = [];
  synthesis = new FakeSynthesis();
  sentences = [];
});

describe("a browser", () => {
  it("without speech offers none", () => {
    const voice = new Voice({}, new FakeWish(true));
    voice.listen();
    voice.say("hello");
    expect([voice.canListen, voice.canSpeak, voice.aloud.value, voice.listening.value]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it("that forgets a part is taken for what it has", () => {
    const voice = new Voice({ synthesis }, new FakeWish());
    expect(voice.canSpeak).toBe(false);
  });
});

describe("listening", () => {
  it("is in the language of the person, and shows what it hears so far", () => {
    const voice = voiceOf();
    voice.language = "fr-FR";
    voice.listen();
    microphone().hears("allume la", false);
    expect([microphone().lang, voice.heard.value, voice.listening.value]).toEqual([
      "fr-FR",
      "allume la",
      true,
    ]);
    expect(sentences).toEqual([]);
  });

  it("says the sentence once, and closes the microphone", () => {
    const voice = voiceOf();
    voice.listen();
    microphone().hears(" turn on the light ", true);
    expect(sentences).toEqual(["turn on the light"]);
    expect([voice.listening.value, microphone().state]).toEqual([false, "stopped"]);
  });

  it("is one microphone at a time", () => {
    const voice = voiceOf();
    voice.listen();
    voice.listen();
    expect(FakeRecognition.all).toHaveLength(1);
  });

  it("tells that the microphone is forbidden", () => {
    const voice = voiceOf();
    voice.listen();
    microphone().onerror!({ error: "not-allowed" });
    microphone().onend!();
    expect([voice.problem.value, voice.listening.value]).toEqual(["blocked", false]);
  });

  it("takes silence for no fault", () => {
    const voice = voiceOf();
    voice.listen();
    microphone().onerror!({ error: "no-speech" });
    microphone().onend!();
    expect([voice.problem.value, voice.listening.value]).toEqual([null, false]);
  });

  it("survives a browser that refuses to start", () => {
    class Refusing extends FakeRecognition {
      override start(): void {
        throw new Error("no");
      }
    }
    const voice = voiceOf({ recognition: Refusing });
    voice.listen();
    expect([voice.problem.value, voice.listening.value]).toEqual(["failed", false]);
  });

  it("stops what the page says", () => {
    const voice = voiceOf({}, new FakeWish(true));
    voice.say("a long story");
    voice.listen();
    expect([synthesis.cancelled, voice.speaking.value, voice.listening.value]).toEqual([
      1,
      false,
      true,
    ]);
  });
});

describe("reading out", () => {
  it("is off until it is switched on, and the choice is kept", () => {
    const wish = new FakeWish();
    const voice = voiceOf({}, wish);
    voice.say("one");
    voice.readAloud(true);
    voice.say("two");
    expect(synthesis.spoken.map(({ text }) => text)).toEqual(["two"]);
    expect(wish.aloud).toBe(true);
  });

  it("does not read out books", () => {
    const voice = voiceOf({}, new FakeWish(true));
    voice.say("a".repeat(100_000));
    expect(synthesis.spoken[0]!.text.length).toBeLessThan(2_000);
  });

  it("stops at once when it is switched off", () => {
    const voice = voiceOf({}, new FakeWish(true));
    voice.say("a long story");
    voice.readAloud(false);
    expect([synthesis.cancelled, voice.speaking.value]).toEqual([1, false]);
  });
});

describe("a question", () => {
  function spokenOnce(voice: Voice): void {
    voice.listen();
    microphone().hears("change the color", true);
  }

  it("opens the microphone after a spoken sentence", () => {
    const voice = voiceOf();
    spokenOnce(voice);
    voice.expectReply();
    expect([FakeRecognition.all.length, voice.listening.value]).toEqual([2, true]);
  });

  it("does not after a typed one", () => {
    const voice = voiceOf();
    spokenOnce(voice);
    voice.typed();
    voice.expectReply();
    expect(voice.listening.value).toBe(false);
  });

  it("is read out to its end first", () => {
    const voice = voiceOf({}, new FakeWish(true));
    spokenOnce(voice);
    voice.say("Which color?");
    voice.expectReply();
    expect(voice.listening.value).toBe(false);
    synthesis.spoken[0]!.onend!();
    expect(voice.listening.value).toBe(true);
  });

  it("that is read out after the microphone was opened closes it meanwhile", () => {
    const voice = voiceOf({}, new FakeWish(true));
    spokenOnce(voice);
    voice.expectReply();
    voice.say("Which color?");
    expect(voice.listening.value).toBe(false);
    synthesis.spoken[0]!.onend!();
    expect(voice.listening.value).toBe(true);
  });

  it("is forgotten when somebody types while it is read out", () => {
    const voice = voiceOf({}, new FakeWish(true));
    spokenOnce(voice);
    voice.say("Which color?");
    voice.expectReply();
    voice.typed();
    synthesis.spoken[0]!.onend!();
    expect(voice.listening.value).toBe(false);
  });

  it("opens no microphone where the last one was forbidden", () => {
    const voice = voiceOf();
    spokenOnce(voice);
    voice.listen();
    microphone().onerror!({ error: "not-allowed" });
    microphone().onend!();
    voice.expectReply();
    expect(voice.listening.value).toBe(false);
  });
});
