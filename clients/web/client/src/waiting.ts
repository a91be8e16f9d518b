const LONGEST_SECONDS = 60;
// A server may wish what it likes (spec 4.15); nobody sits in front of a screen for an hour.
const LONGEST_WISH_SECONDS = 300;

/**
 * How long to wait before connecting again (spec 3.7): 1 s, 2 s, 4 s and so on up to 60 s, of
 * which chance takes up to a half, so that not all clients come back in the same moment.
 */
export class Waiting {
  readonly #random: () => number;
  #tries = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Begins anew: the server said `ready`, not merely accepted the connection. */
  reset(): void {
    this.#tries = 0;
  }

  /** Milliseconds until the next try; `wish` is the `retry_after` of a goodbye, in seconds. */
  next(wish?: number): number {
    if (wish !== undefined)
      return Math.min(wish, LONGEST_WISH_SECONDS) * 1000 * (1 + this.#random() / 2);
    const seconds = Math.min(2 ** this.#tries, LONGEST_SECONDS);
    this.#tries += 1;
    return seconds * 1000 * (1 - this.#random() / 2);
  }
}
