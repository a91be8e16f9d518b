import type { SettingField } from "../api";

/** The value of a setting as the API takes it (spec 6.12). */
export type Value = string | number | boolean | string[];

/** Why a text cannot be the value of a setting. */
export type Mistake = "integer" | "large" | "number" | "boolean" | "long" | "nul";

/**
 * What a person has entered for one setting and not saved.
 *
 * `base` is what the input showed when they began, so that a change by somebody else in
 * the meantime can be told.
 */
export interface Draft {
  readonly text: string;
  readonly base: string;
  readonly clear: boolean;
}

export type Drafts = Readonly<Record<string, Draft>>;

/** What saving a draft would do. */
export type Change =
  | { readonly kind: "none" }
  | { readonly kind: "write"; readonly value: Value | null }
  | { readonly kind: "mistake"; readonly mistake: Mistake };

/** As many characters as the server keeps of one value (spec 6.12). */
export const LONGEST_VALUE = 8192;

// Past this, JavaScript rounds: better to refuse than to save another number than was typed.
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/** The text that an input shows for the value in force; empty when there is none or it is not told. */
export function textOf(field: SettingField): string {
  const value = field.value;
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** Whether there is a value, but none of the type that the skill reads. */
export function isUnreadable(field: SettingField): boolean {
  return field.type !== "string" && field.type !== "path" && typeof field.value === "string" && field.value !== "";
}

/** Whether the person has a value of their own, which can be taken away. */
export function isOwn(field: SettingField): boolean {
  return field.source === "user" && field.set;
}

/** Whether a setting is told, so that its input can show it. */
export function isTold(field: SettingField): boolean {
  return !field.secret && (field.value !== undefined || !field.set);
}

/** The value that a text stands for, or what is wrong with it. */
export function parse(type: SettingField["type"], text: string): Change {
  if (text.includes("\0")) return { kind: "mistake", mistake: "nul" };
  if (text.length > LONGEST_VALUE) return { kind: "mistake", mistake: "long" };
  return PARSERS[type](text);
}

/** What saving a draft would do to a setting. An empty text takes the person's value away. */
export function changeOf(field: SettingField, draft: Draft | undefined): Change {
  if (draft === undefined) return { kind: "none" };
  if (draft.clear) return isOwn(field) ? write(null) : { kind: "none" };
  if (draft.text === "") return isOwn(field) && isTold(field) ? write(null) : { kind: "none" };
  const change = parse(field.type, draft.text);
  return change.kind === "write" && isInForce(field, change.value) ? { kind: "none" } : change;
}

/** A person's entry into an input, or none when it is what the input showed anyway. */
export function drafted(field: SettingField, before: Draft | undefined, text: string): Draft | undefined {
  const base = before?.base ?? textOf(field);
  return text === base && base === textOf(field) ? undefined : { text, base, clear: false };
}

/** The decision to take the person's value away. */
export function cleared(field: SettingField): Draft {
  return { text: "", base: textOf(field), clear: true };
}

/** Whether somebody else has changed a setting since a person began to type. */
export function isOvertaken(field: SettingField, draft: Draft | undefined): boolean {
  return draft !== undefined && isTold(field) && draft.base !== textOf(field);
}

/** What to send for the drafts of several settings, and which of them cannot be sent. */
export function patchOf(
  fields: readonly SettingField[],
  drafts: Drafts,
): { values: Record<string, Value | null>; mistakes: Record<string, Mistake> } {
  const values: Record<string, Value | null> = {};
  const mistakes: Record<string, Mistake> = {};
  for (const field of fields) {
    const change = changeOf(field, drafts[field.key]);
    if (change.kind === "write") values[field.key] = change.value;
    if (change.kind === "mistake") mistakes[field.key] = change.mistake;
  }
  return { values, mistakes };
}

/** The key that a problem is about: `settings.WEATHER_DAYS` is about `WEATHER_DAYS`. */
export function keyOf(problemField: string | undefined): string | null {
  const found = /^settings\.(.+)$/s.exec(problemField ?? "");
  return found?.[1] ?? null;
}

/** What is wrong with the name of a setting that no skill declares, if anything is. */
export function keyMistake(key: string, taken: Iterable<string>): "shape" | "reserved" | "taken" | null {
  if (key.length > 128 || !/^_*[A-Za-z][0-9A-Za-z_.-]*$/.test(key)) return "shape";
  const stored = key.toUpperCase().replace(/[.-]/g, "_");
  if (stored === "UID") return "reserved";
  return new Set(taken).has(stored) ? "taken" : null;
}

const PARSERS: Record<SettingField["type"], (text: string) => Change> = {
  string: write,
  path: write,
  integer: (text) => {
    const bare = text.trim();
    if (!INTEGER.test(bare)) return { kind: "mistake", mistake: "integer" };
    return Math.abs(Number(bare)) > LARGEST_INTEGER ? { kind: "mistake", mistake: "large" } : write(Number(bare));
  },
  number: (text) => {
    const bare = text.trim();
    const number = Number(bare.replace(",", "."));
    return NUMBER.test(bare) && Number.isFinite(number) ? write(number) : { kind: "mistake", mistake: "number" };
  },
  boolean: (text) => {
    if (text === "true" || text === "false") return write(text === "true");
    return { kind: "mistake", mistake: "boolean" };
  },
  list: (text) => {
    const items = text.split(/[\n,]/).map((item) => item.trim());
    const filled = items.filter((item) => item !== "");
    return write(filled.length > 0 ? filled : null);
  },
};

function isInForce(field: SettingField, value: Value | null): boolean {
  return isTold(field) && field.set && JSON.stringify(value) === JSON.stringify(field.value);
}

function write(value: Value | null): Change {
  return { kind: "write", value };
}
