// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { choiceOfDigit, digitsChoose } from "../src/chat/digits";
import { windowOf } from "../src/chat/window";
import type { Item } from "../src/chat/timeline";

describe("digits", () => {
  it("choose by the place", () => {
    expect(choiceOfDigit(["red", "green"], "2")).toBe("green");
  });

  it("choose nothing where there is nothing to choose", () => {
    expect(choiceOfDigit(null, "1")).toBeNull();
    expect(choiceOfDigit(["red"], "2")).toBeNull();
    expect(choiceOfDigit(["red"], "0")).toBeNull();
    expect(choiceOfDigit(["red"], "a")).toBeNull();
  });

  it("are digits where the choices are numbers", () => {
    expect(digitsChoose(["2", "4"])).toBe(false);
    expect(choiceOfDigit(["2 eggs", "no eggs"], "2")).toBeNull();
  });
});

describe("what is on the page", () => {
  const items = Array.from({ length: 1_000 }, (_, index) => ({ key: `s:${index}` }) as Item);

  it("is some hundred items at most, the newest", () => {
    const { start, end, shown } = windowOf(items, null);
    expect([start, end, shown.at(-1)!.key]).toEqual([840, 1_000, "s:999"]);
  });

  it("are those up to where one has scrolled", () => {
    const { start, end } = windowOf(items, "s:499");
    expect([start, end]).toEqual([340, 500]);
  });

  it("are the newest again when that item is gone", () => {
    expect(windowOf(items, "s:none").end).toBe(1_000);
  });
});
