/** Time that passes when told to; timers of everything under test run on it. */
export class Clock {
  time = 1_700_000_000_000;
  #timers = new Map<number, { at: number; work: () => void }>();
  #next = 1;

  now = (): number => this.time;

  setTimeout = (work: () => void, milliseconds: number): number => {
    this.#timers.set(this.#next, { at: this.time + milliseconds, work });
    return this.#next++;
  };

  clearTimeout = (timer: number): void => void this.#timers.delete(timer);

  /** When the next timer runs, from now, in milliseconds. */
  get next(): number | undefined {
    const times = [...this.#timers.values()].map(({ at }) => at);
    return times.length > 0 ? Math.min(...times) - this.time : undefined;
  }

  get running(): number {
    return this.#timers.size;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end);
      const [first] = due.sort(([one, a], [two, b]) => a.at - b.at || one - two);
      if (!first) break;
      const [timer, { at, work }] = first;
      this.#timers.delete(timer);
      this.time = Math.max(this.time, at);
      work();
      await settled();
    }
    this.time = end;
  }
}

/** All that was promised so far has come. */
export function settled(): Promise<void> {
  return new Promise((done) => setImmediate(() => setImmediate(done)));
}
