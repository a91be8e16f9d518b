/** Starts and stops timers, as the functions of the same names do. */
export interface Clockwork {
  setTimeout?: ((work: () => void, milliseconds: number) => unknown) | undefined;
  clearTimeout?: ((timer: any) => void) | undefined;
}

/** Timers by name; one that is set again begins anew. */
export class Timers<Name> {
  readonly #set: (work: () => void, milliseconds: number) => unknown;
  readonly #clear: (timer: any) => void;
  readonly #running = new Map<Name, unknown>();

  constructor(o: Clockwork) {
    this.#set = o.setTimeout ?? ((work, milliseconds) => setTimeout(work, milliseconds));
    this.#clear = o.clearTimeout ?? ((timer) => clearTimeout(timer));
  }

  has(name: Name): boolean {
    return this.#running.has(name);
  }

  set(name: Name, milliseconds: number, work: () => void): void {
    this.clear(name);
    const timer = this.#set(() => {
      this.#running.delete(name);
      work();
    }, milliseconds);
    this.#running.set(name, timer);
  }

  clear(name: Name): void {
    if (this.#running.has(name)) this.#clear(this.#running.get(name));
    this.#running.delete(name);
  }

  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
