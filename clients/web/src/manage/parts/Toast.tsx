import { signal } from "@preact/signals";

const said = signal<{ text: string; count: number } | null>(null);
const SHOWN_MS = 6000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells the person what was done, also when what it was done to is gone from the page. */
export function announce(text: string): void {
  clearTimeout(timer);
  said.value = { text, count: (said.value?.count ?? 0) + 1 };
  timer = setTimeout(() => (said.value = null), SHOWN_MS);
}

/** Where `announce` speaks: seen for some seconds, and read aloud by screen readers. */
export function Toast() {
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {said.value && (
        <p class="toast" key={said.value.count}>
          <bdi>{said.value.text}</bdi>
        </p>
      )}
    </div>
  );
}
