/** Times, lengths of time and names of languages, as the interface writes them. */
import { locale } from "../shared/texts";
import { t } from "./texts";

/** A date with the time of day, such as "23 Nov 2026, 14:05"; the text itself when it is no time. */
export function dateTime(time: string): string {
  return dated(time, { dateStyle: "medium", timeStyle: "short" });
}

/** A date, such as "23 Nov 2026". */
export function date(time: string): string {
  return dated(time, { dateStyle: "medium" });
}

/** How long ago something was, such as "5 minutes ago". */
export function ago(time: string, now: number = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (!Number.isFinite(seconds)) return time;
  if (Math.abs(seconds) < 120) return t("justNow");
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(tag(), { numeric: "auto" }).format(Math.trunc(seconds / length) || 0, unit);
}

/** A length of time in its two largest units, such as "3d 4h". */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of DURATIONS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || (unit === "second" && parts.length === 0)) {
      parts.push(new Intl.NumberFormat(tag(), { style: "unit", unit, unitDisplay: "narrow" }).format(count));
    } else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** A number as the language writes it. */
export function count(number: number, digits = 0): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits: digits }).format(number);
}

/** What a language is called, such as "French (France)"; its tag when nobody knows it. */
export function languageName(language: string): string {
  try {
    const bare = language.replace("_", "-");
    const name = new Intl.DisplayNames(tag(), { type: "language", languageDisplay: "standard" }).of(bare) ?? language;
    return name.charAt(0).toLocaleUpperCase(tag()) + name.slice(1);
  } catch {
    return language;
  }
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
];

const DURATIONS: readonly [string, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

function tag(): string {
  return locale.value === "fr" ? "fr" : "en-GB";
}

function dated(time: string, style: Intl.DateTimeFormatOptions): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : new Intl.DateTimeFormat(tag(), style).format(at);
}
