import { describe, expect, test } from "vitest";
import type { SettingField, Skill } from "../src/manage/api";
import { groupsOf, labelOf } from "../src/manage/settings/groups";
import {
  changeOf,
  cleared,
  drafted,
  isOvertaken,
  isTold,
  isUnreadable,
  keyMistake,
  keyOf,
  parse,
  patchOf,
  textOf,
  type Draft,
} from "../src/manage/settings/model";

function field(given: Partial<SettingField> = {}): SettingField {
  return {
    key: "WEATHER_UNITS",
    section: "weather",
    name: "units",
    type: "string",
    description: "",
    secret: false,
    skills: ["demo_weather"],
    source: "default",
    set: false,
    value: null,
    ...given,
  };
}

function own(given: Partial<SettingField> = {}): SettingField {
  return field({ source: "user", set: true, value: "metric", ...given });
}

function typed(text: string, base = ""): Draft {
  return { text, base, clear: false };
}

describe("the text of a value", () => {
  test.each([
    [null, ""],
    [undefined, ""],
    ["metric", "metric"],
    [3, "3"],
    [2.5, "2.5"],
    [false, "false"],
    [["Paris", "Lyon"], "Paris\nLyon"],
  ])("%j is shown as %j", (value, text) => {
    expect(textOf(field({ value } as Partial<SettingField>))).toBe(text);
  });
});

describe("what a text stands for", () => {
  test.each([
    ["string", " as it is ", " as it is "],
    ["path", "/a/b c", "/a/b c"],
    ["integer", " -12 ", -12],
    ["integer", "+7", 7],
    ["number", "2.5", 2.5],
    ["number", "2,5", 2.5],
    ["number", "1e3", 1000],
    ["number", ".5", 0.5],
    ["boolean", "true", true],
    ["boolean", "false", false],
    ["list", "Paris\n\n Lyon ,Nice,", ["Paris", "Lyon", "Nice"]],
    ["list", " , \n", null],
  ] as const)("%s %j is %j", (type, text, value) => {
    expect(parse(type, text)).toEqual({ kind: "write", value });
  });

  test.each([
    ["integer", "many", "integer"],
    ["integer", "2.5", "integer"],
    ["integer", "٣", "integer"],
    ["integer", "9007199254740993", "large"],
    ["number", "1,000.5", "number"],
    ["number", "1e999", "number"],
    ["number", "NaN", "number"],
    ["boolean", "perhaps", "boolean"],
    ["string", "x".repeat(8193), "long"],
    ["string", "a\0b", "nul"],
  ] as const)("%s does not take %j: %s", (type, text, mistake) => {
    expect(parse(type, text)).toEqual({ kind: "mistake", mistake });
  });
});

describe("what saving would do", () => {
  test("nothing where nobody typed", () => {
    expect(changeOf(own(), undefined)).toEqual({ kind: "none" });
  });

  test("nothing where the text is the value in force", () => {
    expect(changeOf(own(), typed("metric", "other"))).toEqual({ kind: "none" });
  });

  test("nothing where another way to write it is typed", () => {
    const number = own({ type: "number", value: 2.5 });
    expect(changeOf(number, typed("2,50", "2.5"))).toEqual({ kind: "none" });
    expect(changeOf(own({ type: "list", value: ["a", "b"] }), typed("a,b", "a"))).toEqual({ kind: "none" });
  });

  test("an emptied field takes the person's value away", () => {
    expect(changeOf(own(), typed("", "metric"))).toEqual({ kind: "write", value: null });
  });

  test("an emptied field leaves what the server has", () => {
    expect(changeOf(field({ source: "file", set: true, value: "metric" }), typed(""))).toEqual({ kind: "none" });
  });

  test("an empty secret is kept", () => {
    expect(changeOf(own({ secret: true, value: undefined }), typed(""))).toEqual({ kind: "none" });
  });

  test("a secret goes when that is asked for", () => {
    const secret = own({ secret: true, value: undefined });
    expect(changeOf(secret, cleared(secret))).toEqual({ kind: "write", value: null });
  });

  test("no is an answer where there was none", () => {
    expect(changeOf(field({ type: "boolean" }), typed("false"))).toEqual({ kind: "write", value: false });
  });

  test("all mistakes of a form are found, and what can be written is", () => {
    const fields = [field({ key: "A", type: "integer" }), field({ key: "B" }), field({ key: "C" })];
    expect(patchOf(fields, { A: typed("x"), B: typed("y") })).toEqual({
      values: { B: "y" },
      mistakes: { A: "integer" },
    });
  });
});

describe("drafts", () => {
  test("typing back what was there is no draft", () => {
    const before = drafted(own(), undefined, "imperial");
    expect(before).toEqual({ text: "imperial", base: "metric", clear: false });
    expect(drafted(own(), before, "metric")).toBeUndefined();
  });

  test("a change by somebody else in the meantime is told", () => {
    const draft = drafted(own(), undefined, "imperial");
    expect(isOvertaken(own(), draft)).toBe(false);
    expect(isOvertaken(own({ value: "kelvin" }), draft)).toBe(true);
  });
});

describe("what is known of a field", () => {
  test("a value of the server that is not told is none to show", () => {
    expect(isTold(field({ source: "environment", set: true, value: undefined }))).toBe(false);
    expect(isTold(field())).toBe(true);
  });

  test("text where a number should be cannot be read", () => {
    expect(isUnreadable(own({ type: "integer", value: "many" }))).toBe(true);
    expect(isUnreadable(own({ type: "integer", value: 3 }))).toBe(false);
    expect(isUnreadable(own())).toBe(false);
  });

  test("a problem names the key behind settings", () => {
    expect(keyOf("settings.WEATHER_DAYS")).toBe("WEATHER_DAYS");
    expect(keyOf("settings.weather.days")).toBe("weather.days");
    expect(keyOf("settings")).toBeNull();
    expect(keyOf(undefined)).toBeNull();
  });
});

describe("the key of a setting of one's own", () => {
  test.each([
    ["WEATHER_UNITS", "taken"],
    ["weather.units", "taken"],
    ["uid", "reserved"],
    ["1st", "shape"],
    ["a b", "shape"],
    ["", "shape"],
    ["x".repeat(129), "shape"],
    ["_my.own-key", null],
  ])("%j: %j", (key, mistake) => {
    expect(keyMistake(key, ["WEATHER_UNITS"])).toBe(mistake);
  });
});

describe("groups", () => {
  const skills = [{ name: "demo_weather", title: "Weather" }, { name: "clock", title: "" }] as Skill[];

  test("one for each section, by title, and the person's own last", () => {
    const fields = [
      field({ key: "MINE", section: null, name: null, skills: [] }),
      field(),
      field({ key: "CLOCK_ZONE", section: "clock", skills: ["clock"] }),
      field({ key: "WEATHER_DAYS" }),
      field({ key: "GONE_X", section: "gone", skills: ["nobody"] }),
    ];
    expect(groupsOf(fields, skills).map((group) => [group.title, group.fields.map((one) => one.key)])).toEqual([
      ["clock", ["CLOCK_ZONE"]],
      ["gone", ["GONE_X"]],
      ["Weather", ["WEATHER_UNITS", "WEATHER_DAYS"]],
      ["", ["MINE"]],
    ]);
  });

  test.each([
    ["api_key", "API key"],
    ["units", "Units"],
    ["home  page_url", "Home page URL"],
    ["__", "WEATHER_UNITS"],
    [null, "WEATHER_UNITS"],
  ])("the name %j is labelled %j", (name, label) => {
    expect(labelOf(field({ name }))).toBe(label);
  });
});
