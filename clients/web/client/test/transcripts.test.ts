import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { outcomes } from "./outcomes.js";
import { Play, type Transcript } from "./play.js";

const FOLDER = fileURLToPath(new URL("../../../../spec/transcripts/", import.meta.url));
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json") && !name.endsWith(".schema.json"))
  .map((name) => name.slice(0, -".json".length))
  .sort();

describe("every transcript of the contract", () => {
  test("is here, each with what a client is to make of it", () => {
    expect(Object.keys(outcomes).sort()).toEqual(NAMES);
  });

  test.each(NAMES)("%s", async (name) => {
    const failed = vi.spyOn(console, "error");
    const transcript = JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8")) as Transcript;
    const play = new Play(transcript);
    await play.run();

    expect(play.outcome()).toEqual(outcomes[name]);
    expect(failed).not.toHaveBeenCalled();
    for (const device of play.devices.values()) {
      expect(device.assistant.last).toBe(device.highest);
      // Each frame once.
      for (const told of device.told) {
        const numbers = told.map(({ frame }) => frame.seq);
        expect(new Set(numbers).size).toBe(numbers.length);
      }
      device.assistant.stop();
    }
    expect(play.clock.running).toBe(0);
  });
});
