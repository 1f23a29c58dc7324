/** A timer that runs. */
export interface Timer {
  fire: () => void;
  /** When it fires. */
  due: number;
  /** What the environment has started for it, by which function, and when that fires: then or before. */
  handle: ReturnType<typeof setTimeout>;
  handleDue: number;
  readonly by: typeof setTimeout;
}

/**
 * Timers that hardly ever fire, such as that of each read of a stream. One that is cancelled waits for the next that is due
 * no sooner, which takes it over: starting and ending one of the environment's takes a good part of a read.
 */
export class Timers {
  #spare: Timer | undefined;

  start(milliseconds: number, fire: () => void): Timer {
    const due = performance.now() + milliseconds;
    const spare = this.#spare;
    // Where a test has put in another clock since, it does not count any more.
    if (spare && spare.handleDue <= due && spare.by === setTimeout) {
      this.#spare = undefined;
      spare.fire = fire;
      spare.due = due;
      return spare;
    }
    const handle = setTimeout(() => this.#fired(timer), milliseconds);
    const timer: Timer = { fire, due, handle, handleDue: due, by: setTimeout };
    return timer;
  }

  cancel(timer: Timer): void {
    this.rest();
    this.#spare = timer;
  }

  /** Lets go of the one that waits: it would keep the process alive. */
  rest(): void {
    if (this.#spare) clearTimeout(this.#spare.handle);
    this.#spare = undefined;
  }

  #fired(timer: Timer): void {
    if (timer === this.#spare) {
      this.#spare = undefined;
    } else if (timer.due > timer.handleDue) {
      timer.handleDue = timer.due;
      timer.handle = setTimeout(() => this.#fired(timer), timer.due - performance.now());
    } else {
      timer.fire();
    }
  }
}
