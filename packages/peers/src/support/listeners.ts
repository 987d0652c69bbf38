/** Who wants to know. Events are data: one union, one function. */
export type Listener<Event> = (event: Event) => void;

/** The listeners of one object. */
export class Listeners<Event> {
  readonly #listeners = new Set<Listener<Event>>();

  /** Adds `listener`; the returned function takes it away again. */
  add(listener: Listener<Event>): () => void {
    const own: Listener<Event> = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells everybody; a listener that throws does not keep the others from hearing it. */
  tell(event: Event): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // The listener's bug: reported as an uncaught error, like an EventTarget's.
        });
      }
    }
  }
}
