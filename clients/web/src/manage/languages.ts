import type { Skill } from "./api";

const COMMON = ["de-DE", "en-GB", "en-US", "es-ES", "fr-BE", "fr-CA", "fr-CH", "fr-FR", "it-IT", "nl-NL", "pt-BR", "pt-PT"];
const TAG = /^[A-Za-z]{2}(?:[-_](?:[A-Za-z]{2}|[0-9]{3}))?$/;

/** Languages to choose from: those that some skill has sentences for, and others. */
export interface Choices {
  readonly understood: readonly string[];
  readonly others: readonly string[];
}

/**
 * What a person may choose as their language.
 *
 * @param present - the one they have; it is always among the choices.
 */
export function choicesOf(skills: readonly Skill[], present: string): Choices {
  const spoken = new Set(skills.flatMap((skill) => skill.languages).map(languageOf));
  const regions = COMMON.filter((tag) => spoken.has(languageOf(tag)));
  const bare = [...spoken].filter((language) => !COMMON.some((tag) => languageOf(tag) === language));
  const understood = [...regions, ...bare.filter(isTag)];
  const others = COMMON.filter((tag) => !understood.includes(tag));
  if (understood.includes(present) || others.includes(present)) return { understood, others };
  if (spoken.has(languageOf(present))) return { understood: [present, ...understood], others };
  return { understood, others: [present, ...others] };
}

/** Whether the server takes a text as a language (openapi.yaml, Language). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** The two letters of a tag. */
export function languageOf(tag: string): string {
  return tag.slice(0, 2).toLowerCase();
}
