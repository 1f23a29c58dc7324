/** A state that can be watched, in the terms of React's `useSyncExternalStore`, but without React. */
export abstract class Store<State extends object> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  readonly getSnapshot = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      // StrictMode and hot reloading leave and come back at once, which is no reason to abort anything, or to ask twice.
      queueMicrotask(() => {
        if (!this.isWatched) this.left();
      });
    };
  };

  protected get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  protected update(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Nobody watches any more. */
  protected abstract left(): void;
}
