import { beforeEach, describe, expect, test } from "vitest";
import type { ConversationFrame } from "@pytlas/client";
import type { Skill } from "../src/manage/api";
import { clientName } from "../src/manage/clients";
import { ago, dateTime, duration, languageName } from "../src/manage/format";
import { choicesOf, isTag } from "../src/manage/languages";
import { isWebAddress } from "../src/manage/links";
import { hashOf, routeOf } from "../src/manage/routes";
import { linesOf } from "../src/manage/said";
import { en } from "../src/manage/texts.en";
import { fr } from "../src/manage/texts.fr";
import { t } from "../src/manage/texts";
import { locale } from "../src/shared/texts";

beforeEach(() => {
  locale.value = "en";
});

describe("routes", () => {
  test.each([
    ["", { page: "profile" }],
    ["#/logins", { page: "logins" }],
    ["#/people", { page: "people" }],
    ["#/people/12", { page: "person", id: 12 }],
    ["#/people/12/", { page: "person", id: 12 }],
    ["#/people/0", { page: "profile" }],
    ["#/people/x", { page: "profile" }],
    ["#/nowhere", { page: "profile" }],
  ])("%j leads an administrator to %j", (hash, route) => {
    expect(routeOf(hash, true)).toEqual(route);
  });

  test.each(["#/people", "#/people/1", "#/skills", "#/status", "#/try"])("%s leads others to the profile", (hash) => {
    expect(routeOf(hash, false)).toEqual({ page: "profile" });
  });

  test("an address leads back to where it came from", () => {
    expect(routeOf(hashOf({ page: "person", id: 3 }), true)).toEqual({ page: "person", id: 3 });
    expect(routeOf(hashOf({ page: "settings" }), false)).toEqual({ page: "settings" });
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");

  test.each([
    ["2026-11-23T11:59:30Z", "just now"],
    ["2026-11-23T11:30:00Z", "30 minutes ago"],
    ["2026-11-22T11:00:00Z", "yesterday"],
    ["2026-11-23T09:00:00Z", "3 hours ago"],
    ["no time", "no time"],
  ])("%s was %s", (time, words) => {
    expect(ago(time, now)).toBe(words);
  });

  test.each([
    [0, "0s"],
    [97, "1m 37s"],
    [3600, "1h"],
    [90_061, "1d 1h"],
  ])("%d seconds are %s", (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  test("what is no time stays as it is", () => {
    expect(dateTime("<b>")).toBe("<b>");
  });
});

describe("languages", () => {
  const skills = [{ languages: ["en", "fr"] }, { languages: ["fr", "sv"] }] as Skill[];

  test("those that skills speak come first", () => {
    const { understood, others } = choicesOf(skills, "fr-FR");
    expect(understood).toContain("fr-CA");
    expect(understood).toContain("sv");
    expect(others).toContain("de-DE");
    expect(others).not.toContain("fr-FR");
  });

  test("the present one is always a choice", () => {
    expect(choicesOf(skills, "en").understood[0]).toBe("en");
    expect(choicesOf(skills, "xx-YY").others[0]).toBe("xx-YY");
  });

  test("names are in the language of the interface, and tags where there is none", () => {
    locale.value = "fr";
    expect(languageName("fr_FR")).toBe("Français (France)");
    expect(languageName("<script>")).toBe("<script>");
  });

  test.each([["fr", true], ["fr-FR", true], ["fr_FR", true], ["es-419", true], ["français", false], ["", false]])(
    "%j is a tag: %j",
    (tag, yes) => {
      expect(isTag(tag)).toBe(yes);
    },
  );
});

describe("what logins are called", () => {
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36", "Chrome, Linux"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Safari/604.1", "Safari, iPhone"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox, Windows"],
    ["Mozilla/9 (nothing known)", "Mozilla/9 (nothing known)"],
    ["kitchen tablet", "kitchen tablet"],
  ])("%s: %s", (client, name) => {
    expect(clientName(client)).toBe(name);
  });
});

describe("what was said", () => {
  test("is what people said and heard, in order", () => {
    const frames = [
      { type: "said", seq: 1, message: "hello" },
      { type: "thinking", seq: 2 },
      { type: "answer", seq: 3, data: { text: "**Hi**", raw_text: "Hi", cards: null } },
      { type: "answer", seq: 4, data: { text: "x", raw_text: "B", cards: [{ header: "A", raw_header: "A" }] } },
      { type: "ask", seq: 5, data: { slot: "room", text: "Where?", raw_text: null, choices: null } },
      { type: "done", seq: 6, require_input: true },
    ].map((frame) => ({ at: "2026-11-23T12:00:00Z", frame: frame as unknown as ConversationFrame }));
    expect(linesOf(frames).map((line) => [line.seq, line.who, line.texts.join("|")])).toEqual([
      [1, "you", "hello"],
      [3, "assistant", "Hi"],
      [4, "assistant", "B|A"],
      [5, "assistant", "Where?"],
    ]);
  });

  test("has no bars and rules of tables", () => {
    const told = (raw_text: string) =>
      linesOf([{ at: "", frame: { type: "ask", seq: 1, data: { text: "", raw_text } } }] as never)[0]?.texts;
    expect(told("Sky:\n| day | sky |\n|---|:-:|\n| Monday | rain |\nBye")).toEqual(["Sky:\nday, sky\nMonday, rain\nBye"]);
    expect(told("either | or - and --- so on")).toEqual(["either | or - and --- so on"]);
  });
});

describe("words", () => {
  test("both languages have the same gaps to fill", () => {
    const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, gaps(fr[key])]).toEqual([key, gaps(en[key])]);
  });

  test("what fills a gap is not filled itself", () => {
    expect(t("personAdded", { name: "{name}" })).toBe("{name} is added.");
  });
});

describe("links that skills name", () => {
  test.each([
    ["https://example.org/a", true],
    ["HTTP://example.org", true],
    ["javascript:alert(1)", false],
    [" https://example.org", false],
    ["data:text/html,x", false],
    ["https://", false],
    ["//example.org", false],
    ["", false],
  ])("%j may be followed: %j", (address, yes) => {
    expect(isWebAddress(address)).toBe(yes);
  });
});
