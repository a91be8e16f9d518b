import type { SettingField, Skill } from "../api";

/** The settings of one section, as one form shows them. */
export interface Group {
  /** What the form is called; empty for settings that no skill declares. */
  readonly title: string;
  /** As in pytlas.ini; null for settings that no skill declares. */
  readonly section: string | null;
  readonly fields: readonly SettingField[];
}

/**
 * Settings in groups: one for each section, and the person's own keys last.
 *
 * @param skills - where the titles of groups come from; a section nobody knows is its own title.
 */
export function groupsOf(fields: readonly SettingField[], skills: readonly Skill[]): Group[] {
  const titles = new Map(skills.map((skill) => [skill.name, skill.title || skill.name]));
  const bySection = new Map<string | null, SettingField[]>();
  for (const field of fields) {
    const fellows = bySection.get(field.section);
    if (fellows) fellows.push(field);
    else bySection.set(field.section, [field]);
  }
  const groups = [...bySection].map(([section, members]) => ({
    section,
    title: section === null ? "" : titleOf(section, members, titles),
    fields: members,
  }));
  return groups.sort(byTitle);
}

const ACRONYMS = new Set(["api", "dns", "http", "https", "id", "ip", "tls", "uri", "url"]);

/** What an input is labelled: `api_key` is "API key", a key that no skill declares stays as it is. */
export function labelOf(field: SettingField): string {
  if (!field.name) return field.key;
  const words = field.name
    .split(/[_\s]+/)
    .map((word) => (ACRONYMS.has(word.toLowerCase()) ? word.toUpperCase() : word))
    .join(" ")
    .trim();
  return words === "" ? field.key : words.charAt(0).toUpperCase() + words.slice(1);
}

function titleOf(section: string, fields: readonly SettingField[], titles: ReadonlyMap<string, string>): string {
  const names = new Set(fields.flatMap((field) => field.skills));
  const found = [...new Set([...names].map((name) => titles.get(name)).filter((title) => title !== undefined))];
  return found.length > 0 ? found.join(", ") : section;
}

function byTitle(one: Group, other: Group): number {
  if ((one.section === null) !== (other.section === null)) return one.section === null ? 1 : -1;
  return one.title.localeCompare(other.title) || (one.section ?? "").localeCompare(other.section ?? "");
}
