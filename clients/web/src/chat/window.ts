/** Which items are on the page: a long conversation must stay quick. */
import type { Item } from "./timeline";

/** How many at most, and by how many the view moves on. */
export const SHOWN = 160;
export const STEP = 60;

/** The part of the items that is on the page: the last ones, or those up to `until`. */
export function windowOf(items: readonly Item[], until: string | null) {
  const found = until === null ? -1 : items.findIndex((item) => item.key === until);
  const end = found < 0 ? items.length : found + 1;
  const start = Math.max(0, end - SHOWN);
  return { start, end, shown: items.slice(start, end) };
}
