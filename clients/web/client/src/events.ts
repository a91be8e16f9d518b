/** Listeners by the name of what they listen to. */
export class Listeners<Events> {
  readonly #all = new Map<keyof Events, Set<(value: never) => void>>();

  /** Calls the listener with every such event, until what this returns is called. */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const those = this.#all.get(event) ?? new Set();
    this.#all.set(event, those);
    // A function of its own, so that adding one twice and removing it once leaves one.
    const own = (value: Events[E]): void => listener(value);
    those.add(own);
    return () => void those.delete(own);
  }

  /** Tells all who listen now. One that throws is told of on the console and harms nobody. */
  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of [...(this.#all.get(event) ?? [])])
      try {
        (listener as (value: Events[E]) => void)(value);
      } catch (fault) {
        console.error(`A listener to ${String(event)} failed:`, fault);
      }
  }
}
