/** What goes wrong, in words for people. */
import type { Problem } from "@pytlas/client";
import { explain } from "../shared/session";
import { t, type Key } from "./texts";

const SENTENCES: Readonly<Record<string, Key>> = {
  "name-taken": "nameTaken",
  "last-admin": "lastAdmin",
  "job-running": "jobRunning",
  "wrong-password": "passwordWrong",
  "precondition-failed": "changedMeanwhile",
  "not-enabled": "notEnabled",
};

/** One sentence about a problem. */
export function sentenceOf(problem: Problem): string {
  const key = SENTENCES[problem.code];
  if (key) return t(key);
  if (problem.code === "weak-password") return t("passwordWeak", { detail: problem.detail });
  if (problem.code === "invalid-request") return problem.detail;
  return explain(problem);
}

/**
 * The errors of a form's fields, and the one that belongs to none of them.
 *
 * @param names - the fields that the form has, as the API calls them.
 */
export function placed<Name extends string>(
  problem: Problem | null,
  names: readonly Name[],
): { fields: Partial<Record<Name, string>>; general: string | null } {
  const fields: Partial<Record<Name, string>> = {};
  if (!problem) return { fields, general: null };
  const name = names.find((one) => one === problem.field);
  if (!name) return { fields, general: sentenceOf(problem) };
  fields[name] = sentenceOf(problem);
  return { fields, general: null };
}
