/** Choosing by digits. */

/** The choice that a digit stands for, or null. */
export function choiceOfDigit(choices: readonly string[] | null, digit: string): string | null {
  if (!choices || !/^[1-9]$/.test(digit) || !digitsChoose(choices)) return null;
  return choices[Number(digit) - 1] ?? null;
}

/** Whether digits stand for choices: not where a choice begins with one itself. */
export function digitsChoose(choices: readonly string[]): boolean {
  return !choices.some((choice) => /^\s*\d/.test(choice));
}
