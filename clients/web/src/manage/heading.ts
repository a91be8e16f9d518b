import { signal } from "@preact/signals";

/** The heading of the page when it is more than the page's own name: a person's name, for example. */
export const subject = signal<string | null>(null);
