/** Speaking and listening with what the browser has (Web Speech API). */
import { signal } from "@preact/signals";

export interface RecognitionResult {
  readonly isFinal: boolean;
  readonly length: number;
  readonly [index: number]: { readonly transcript: string };
}

export interface Recognition {
  lang: string;
  interimResults: boolean;
  continuous: boolean;
  onresult: ((event: { readonly results: ArrayLike<RecognitionResult> }) => void) | null;
  onerror: ((event: { readonly error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
  abort(): void;
}

export interface Utterance {
  lang: string;
  onend: (() => void) | null;
  onerror: (() => void) | null;
}

export interface VoiceParts {
  readonly recognition?: new () => Recognition;
  readonly utterance?: new (text: string) => Utterance;
  readonly synthesis?: { speak(utterance: never): void; cancel(): void };
}

/** Where the wish to hear answers is kept. */
export interface Wish {
  read(): boolean;
  write(aloud: boolean): void;
}

export type VoiceProblem = "blocked" | "failed";

// A skill that reads out a book would talk for hours.
const SPOKEN_MAX = 1_500;

/** What this browser has of the Web Speech API. */
export function browserParts(): VoiceParts {
  const here = globalThis as unknown as Record<string, unknown>;
  const recognition = here["SpeechRecognition"] ?? here["webkitSpeechRecognition"];
  const synthesis = here["speechSynthesis"];
  const utterance = here["SpeechSynthesisUtterance"];
  return {
    ...(recognition ? { recognition } : {}),
    ...(synthesis && utterance ? { synthesis, utterance } : {}),
  } as VoiceParts;
}

export class Voice {
  readonly canListen: boolean;
  readonly canSpeak: boolean;
  readonly listening = signal(false);
  readonly speaking = signal(false);
  /** What was understood so far of the sentence that is being said. */
  readonly heard = signal("");
  readonly problem = signal<VoiceProblem | null>(null);
  /** Whether answers are read out. */
  readonly aloud = signal(false);
  /** The language of both, a tag such as `fr-FR`. */
  language = "en-US";
  /** Called with each sentence that was said. */
  onSentence: (sentence: string) => void = () => {};

  private current: Recognition | null = null;
  private utterances = 0;
  private lastWasSpoken = false;
  private listenAfterwards = false;

  constructor(
    private readonly parts: VoiceParts,
    private readonly wish: Wish,
  ) {
    this.canListen = parts.recognition !== undefined;
    this.canSpeak = parts.synthesis !== undefined && parts.utterance !== undefined;
    this.aloud.value = this.canSpeak && wish.read();
  }

  /** Switches reading out on or off, and keeps the choice. */
  readAloud(aloud: boolean): void {
    this.aloud.value = aloud && this.canSpeak;
    this.wish.write(this.aloud.value);
    if (!this.aloud.value) this.hush();
  }

  /** Opens the microphone; what is being said by the page stops. */
  listen(): void {
    if (!this.parts.recognition || this.current) return;
    this.hush();
    this.problem.value = null;
    this.heard.value = "";
    const recognition = new this.parts.recognition();
    recognition.lang = this.language;
    recognition.interimResults = true;
    recognition.continuous = false;
    recognition.onresult = ({ results }) => this.understood(results);
    recognition.onerror = ({ error }) => this.failed(error);
    recognition.onend = () => this.ended(recognition);
    this.current = recognition;
    this.listening.value = true;
    try {
      recognition.start();
    } catch {
      this.failed("start");
      this.ended(recognition);
    }
  }

  /** Closes the microphone; what was not finished is dropped. */
  stopListening(): void {
    this.listenAfterwards = false;
    const { current } = this;
    if (!current) return;
    this.ended(current);
    current.abort();
  }

  /** Something was typed or pressed: the microphone does not open by itself after it. */
  typed(): void {
    this.lastWasSpoken = false;
    this.stopListening();
  }

  /** The assistant waits for the person: opens the microphone if the last input was spoken. */
  expectReply(): void {
    if (!this.lastWasSpoken || !this.canListen) return;
    // The page must not hear itself.
    if (this.utterances > 0) this.listenAfterwards = true;
    else this.listen();
  }

  /** Reads a text out, if that is switched on. */
  say(text: string): void {
    const { synthesis, utterance: Made } = this.parts;
    if (!this.aloud.value || !synthesis || !Made || !text.trim()) return;
    const utterance = new Made(text.slice(0, SPOKEN_MAX));
    utterance.lang = this.language;
    let over = false;
    const finish = () => {
      if (over) return;
      over = true;
      this.spoken();
    };
    utterance.onend = finish;
    utterance.onerror = finish;
    this.makeSilent();
    this.utterances++;
    this.speaking.value = true;
    synthesis.speak(utterance as never);
  }

  /** Stops reading out. */
  hush(): void {
    this.listenAfterwards = false;
    if (!this.speaking.value) return;
    this.parts.synthesis?.cancel();
    this.utterances = 0;
    this.speaking.value = false;
  }

  private makeSilent(): void {
    // A question may be read out after the microphone was opened for its answer.
    if (!this.current) return;
    this.stopListening();
    this.listenAfterwards = this.lastWasSpoken;
  }

  private spoken(): void {
    this.utterances = Math.max(0, this.utterances - 1);
    if (this.utterances > 0) return;
    this.speaking.value = false;
    if (!this.listenAfterwards) return;
    this.listenAfterwards = false;
    this.listen();
  }

  private understood(results: ArrayLike<RecognitionResult>): void {
    const all = Array.from(results);
    const text = all.map((result) => result[0]?.transcript ?? "").join("").trim();
    this.heard.value = text;
    if (!text || !all.length || !all.every((result) => result.isFinal)) return;
    const { current } = this;
    if (current) this.ended(current);
    current?.stop();
    this.lastWasSpoken = true;
    this.onSentence(text);
  }

  private failed(error: string): void {
    // Silence and a closed microphone are no faults.
    if (error === "no-speech" || error === "aborted") return;
    this.lastWasSpoken = false;
    this.problem.value =
      error === "not-allowed" || error === "service-not-allowed" ? "blocked" : "failed";
  }

  private ended(recognition: Recognition): void {
    if (this.current !== recognition) return;
    recognition.onresult = recognition.onerror = recognition.onend = null;
    this.current = null;
    this.listening.value = false;
    this.heard.value = "";
  }
}
