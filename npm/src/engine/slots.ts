/**
 * Values that come and go all the time, by numbers that it gives out, and out again. A `Map` leaves the tables that it has
 * grown out of behind, and what stood there is kept, and copied, until the next collection of everything: a good part of what
 * many calls at a time cost.
 */
export class Slots<T> {
  /** From 1 on: there is no number 0. */
  readonly #values: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];

  get isEmpty(): boolean {
    return this.#values.length === this.#free.length + 1;
  }

  add(value: T): number {
    const number = this.#free.pop() ?? this.#values.length;
    this.#values[number] = value;
    return number;
  }

  get(number: number): T | undefined {
    return this.#values[number];
  }

  /** Takes a value out, and says whether it was still there. */
  delete(number: number, value: T): boolean {
    const there = this.#values[number] === value;
    if (there) {
      this.#values[number] = undefined;
      this.#free.push(number);
    }
    return there;
  }

  /** Takes all out. */
  drain(): T[] {
    const all = this.#values.filter((value) => value !== undefined);
    for (const [number, value] of this.#values.entries()) if (value !== undefined) this.delete(number, value);
    return all;
  }
}
