// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import * as chat from "../src/chat/texts";
import { fr as chatFr } from "../src/chat/texts.fr";
import { apart, moment } from "../src/chat/times";
import { en, fill, locale, localeOf, speak, speaker, t } from "../src/shared/texts";
import { fr } from "../src/shared/texts.fr";

const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each([
  ["shared", en, fr],
  ["chat", chat.en, chatFr],
] as [string, Record<string, string>, Record<string, string>][])("the %s texts", (_, one, other) => {
  it("have the same keys in both languages, none of them empty", () => {
    expect(Object.keys(other).sort()).toEqual(Object.keys(one).sort());
    for (const text of [...Object.values(one), ...Object.values(other)]) expect(text).not.toBe("");
  });

  it("name the same values in both languages", () => {
    for (const key of Object.keys(one)) expect(names(other[key]!)).toEqual(names(one[key]!));
  });
});

describe("the language", () => {
  it("is French for all kinds of French, else English", () => {
    expect(["fr", "fr-FR", "FR-ca", "en-US", "fro", "frisian", "", null].map(localeOf)).toEqual([
      "fr", "fr", "fr", "en", "en", "en", "en", "en",
    ]); // prettier-ignore
  });

  it("changes when the words are there", async () => {
    const lines = speaker({ en: { a: "yes" }, fr: async () => ({ a: "oui" }) });
    expect([lines("a"), t("signOut")]).toEqual(["yes", "Sign out"]);
    await speak("fr");
    expect([locale.value, lines("a"), t("signOut"), chat.say("send")]).toEqual([
      "fr", "oui", "Se déconnecter", "Envoyer",
    ]); // prettier-ignore
    await speak("en");
    expect(lines("a")).toBe("yes");
  });

  it("puts values in, and leaves what it does not know", () => {
    expect(fill("{a} and {b}", { a: "<b>" })).toBe("<b> and {b}");
  });

  it("has words for errors that it does not know", () => {
    expect(chat.explainFailure("brand-new")).toBe(chat.en.refused);
    expect(chat.explainFailure("interrupted")).toBe(chat.en.interrupted);
  });
});

describe("times", () => {
  const now = new Date(2026, 10, 23, 14, 5).getTime();
  const words = { today: "Today", yesterday: "Yesterday" };
  const ago = (hours: number) => now - hours * 3_600_000;

  it("are said as people do", () => {
    expect(moment(ago(1), now, "en", words)).toMatch(/^Today 1:05/);
    expect(moment(ago(24), now, "en", words)).toMatch(/^Yesterday 2:05/);
    expect(moment(ago(24 * 20), now, "fr", words)).toMatch(/mar\. 3 novembre, 14:05/);
    expect(moment(ago(24 * 400), now, "en", words)).toContain("2025");
  });

  it("stand where there was a pause, or another day began", () => {
    expect(apart(null, now)).toBe(true);
    expect(apart(now - 60_000, now)).toBe(false);
    expect(apart(ago(1), now)).toBe(true);
    const midnight = new Date(2026, 10, 23).getTime();
    expect(apart(midnight - 1, midnight)).toBe(true);
    expect(apart(now, null)).toBe(false);
  });
});
