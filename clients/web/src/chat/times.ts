/** When something was said, as people write it, where it is worth a line of its own. */

const PAUSE = 15 * 60_000;

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Whether a line with the time belongs between two moments. */
export function apart(before: number | null, at: number | null): boolean {
  if (at === null) return false;
  return before === null || at - before > PAUSE || midnight(before) !== midnight(at);
}

/** A moment in words: today and yesterday by name, else the date; always the time. */
export function moment(
  at: number,
  now: number,
  locale: string,
  words: { today: string; yesterday: string },
): string {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return `${words.today} ${time}`;
  if (days === 1) return `${words.yesterday} ${time}`;
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  const date = new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "long",
    year,
  }).format(at);
  return `${date}, ${time}`;
}
