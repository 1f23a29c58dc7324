/** A number's place is what is left of it by this; above that it tells how often the place was taken, as in `wasm/src/table.rs`. */
export const PLACES = 2 ** 22;

/**
 * Values that come and go all the time, by numbers that it gives out, in places that are used again. A `Map` leaves the tables
 * that it has grown out of behind, and what stood there is kept, and copied, until the next collection of everything: a good
 * part of what many calls at a time cost.
 */
export class Slots<T> {
  /** From 1 on: there is no number 0. */
  readonly #values: (T | undefined)[] = [undefined];
  /** The number of each place, now or next: what comes late for a value that is gone must not meet another one. */
  readonly #numbers: number[] = [0];
  readonly #free: number[] = [];

  get isEmpty(): boolean {
    return this.#values.length === this.#free.length + 1;
  }

  add(value: T): number {
    const place = this.#free.pop() ?? this.#values.length;
    this.#values[place] = value;
    this.#numbers[place] ??= place;
    return this.#numbers[place];
  }

  get(number: number): T | undefined {
    const place = number % PLACES;
    return this.#numbers[place] === number ? this.#values[place] : undefined;
  }

  /** Takes a value out, and says whether it was still there. */
  delete(number: number): boolean {
    if (this.get(number) === undefined) return false;
    const place = number % PLACES;
    this.#values[place] = undefined;
    // Within 32 bits, in which it crosses.
    this.#numbers[place] = (number + PLACES) >>> 0;
    this.#free.push(place);
    return true;
  }

  /** Takes all out. */
  drain(): T[] {
    const all = this.#values.filter((value) => value !== undefined);
    for (const number of [...this.#numbers]) this.delete(number);
    return all;
  }
}
