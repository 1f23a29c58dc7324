import type { Outcome, RunningCall } from './engine/engine.js';
import type { AncpError } from './error.js';

/**
 * The chunks of a stream, in order, each once.
 *
 * It begins when the first chunk is asked for, and reads from the network only as fast as chunks are taken. Leaving a
 * `for await` loop early, by `break`, `return` or an exception, ends the stream at the node; so does `return()`. A
 * stream that fails throws an `AncpError`; it never ends quietly short. `next()` may be called again before the last
 * one was answered. A stream that is begun and neither read to its end nor returned holds its connection until the client
 * is closed. After the end, the iterator's `value` is the summary that the node sent, usually `null`.
 *
 * @example
 * ```ts
 * import { AncpClient } from '@bizfirst/ancp-core';
 *
 * const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42 });
 * for await (const chunk of client.stream('generate-report', { year: 2026 })) {
 *   console.log(chunk);
 * }
 * ```
 */
export interface AncpStream<Chunk, Summary = unknown> extends AsyncIterable<Chunk> {
  /** The next chunk. */
  next(): Promise<IteratorResult<Chunk, Summary | undefined>>;
  /** Ends the stream here and at the node. */
  return(value?: Summary | PromiseLike<Summary>): Promise<IteratorResult<Chunk, Summary | undefined>>;
  /** Ends the stream here and at the node, and rejects with the error. */
  throw(error: unknown): Promise<IteratorResult<Chunk, Summary | undefined>>;
  /** The stream itself: it can be read once. */
  [Symbol.asyncIterator](): AncpStream<Chunk, Summary>;
}

type Result<Chunk, Summary> = IteratorResult<Chunk, Summary | undefined>;

interface Waiter<Chunk, Summary> {
  resolve(result: Result<Chunk, Summary>): void;
  reject(error: unknown): void;
}

/**
 * Hands over the batches of a running call one chunk at a time.
 * @internal
 */
export class StreamReader<Chunk, Summary> implements AncpStream<Chunk, Summary>, Outcome {
  readonly #start: (outcome: Outcome) => RunningCall;
  #running: RunningCall | undefined;
  /** The batch that is being handed over, and the next chunk in it. */
  #batch: readonly Chunk[] = [];
  #next = 0;
  #pulling = false;
  /** Calls of `next()` that have no chunk yet. While there are any, the batch is empty. */
  readonly #waiters: Waiter<Chunk, Summary>[] = [];
  /** Set once the stream is over; what it holds is told to one `next()` only. */
  #over = false;
  #last: { summary: Summary } | { error: unknown } | undefined;

  /** @param start Begins the call; it is not called before the first chunk is asked for. */
  constructor(start: (outcome: Outcome) => RunningCall) {
    this.#start = start;
  }

  next(): Promise<Result<Chunk, Summary>> {
    if (this.#next < this.#batch.length) {
      return Promise.resolve({ done: false, value: this.#batch[this.#next++] as Chunk });
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#serve();
    });
  }

  async return(value?: Summary | PromiseLike<Summary>): Promise<Result<Chunk, Summary>> {
    this.#stop();
    return { done: true, value: await value };
  }

  async throw(error: unknown): Promise<Result<Chunk, Summary>> {
    this.#stop();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  progress(batch: unknown): void {
    this.#pulling = false;
    if (this.#over) return;
    this.#batch = batch as readonly Chunk[];
    this.#next = 0;
    this.#serve();
  }

  succeed(summary: unknown): void {
    this.#end({ summary: summary as Summary });
  }

  fail(error: AncpError): void {
    this.#end({ error });
  }

  /** Gives the waiting what there is, and asks for more if that was not enough. */
  #serve(): void {
    while (this.#waiters.length > 0 && this.#next < this.#batch.length) {
      this.#waiters.shift()?.resolve({ done: false, value: this.#batch[this.#next++] as Chunk });
    }
    if (this.#waiters.length === 0) return;
    if (this.#over) {
      const last = this.#last;
      this.#last = undefined;
      const first = this.#waiters.shift();
      if (last && 'error' in last) first?.reject(last.error);
      else first?.resolve({ done: true, value: last?.summary });
      for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined });
    } else if (!this.#pulling) {
      this.#pulling = true;
      if (this.#running) this.#running.pull();
      else this.#running = this.#start(this);
    }
  }

  #end(last: { summary: Summary } | { error: unknown } | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#last = last;
    // Chunks that nobody has taken are not worth having once the stream was aborted; otherwise there are none.
    this.#batch = [];
    this.#next = 0;
    this.#serve();
  }

  #stop(): void {
    this.#running?.cancel();
    this.#end(undefined);
    this.#last = undefined;
  }
}
