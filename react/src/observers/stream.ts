import type { AncpError, CallOptions } from '@bizfirst/ancp-core';
import { quiet } from './error.js';
import { Frames } from './frame.js';
import { type HookCallOptions, Observer, type Target } from './observer.js';

/** How the newest stream stands. */
export interface StreamState<Chunk, Value, Summary> {
  /** What has come, in order; the oldest are gone where there were more than `maxChunks`. */
  readonly chunks: readonly Chunk[];
  /** How many chunks have come, kept or not. */
  readonly chunkCount: number;
  /** The newest chunk. */
  readonly latest: Chunk | undefined;
  /** What the reducer has made of all chunks. */
  readonly value: Value;
  /** What the node sent at the end, usually `null`. */
  readonly summary: Summary | undefined;
  /** Whether more may come. */
  readonly isStreaming: boolean;
  /** Whether the stream is complete: not stopped, not failed. */
  readonly isDone: boolean;
  /** Why it failed. Stopping it is no failure. */
  readonly error: AncpError | undefined;
}

/** Options of a stream hook without a reducer. */
export interface PlainStreamOptions extends HookCallOptions {
  /** How many chunks are kept: the newest. Default 10000, as the list is copied for each frame; 0 where only `value` counts. */
  readonly maxChunks?: number | undefined;
  readonly reducer?: undefined;
  readonly initialValue?: undefined;
}

/** Options of a stream hook with a reducer. */
export interface ReducingStreamOptions<Chunk, Value> extends Omit<PlainStreamOptions, 'reducer' | 'initialValue'> {
  /** Folds a chunk into the value. Called once for each chunk, in order. */
  readonly reducer: (value: Value, chunk: Chunk) => Value;
  /** The value before the first chunk. */
  readonly initialValue: Value;
}

/** What the observer is given; the hooks' types see to it that a reducer has its initial value. */
export interface StreamOptions<Chunk, Value> extends HookCallOptions {
  readonly maxChunks?: number | undefined;
  readonly reducer?: ((value: Value, chunk: Chunk) => Value) | undefined;
  readonly initialValue?: Value | undefined;
}

const MAX_CHUNKS = 10_000;

const IDLE: Omit<StreamState<never, never, never>, 'value'> = {
  chunks: [],
  chunkCount: 0,
  latest: undefined,
  summary: undefined,
  isStreaming: false,
  isDone: false,
  error: undefined,
};

/**
 * Reads a stream into its state, at most once per animation frame and 60 times a second: between frames, chunks gather
 * outside of the snapshot, so that a render for any other reason does not see them one by one either.
 */
export class StreamObserver<Chunk, Value, Summary> extends Observer<
  StreamState<Chunk, Value, Summary>,
  StreamOptions<Chunk, Value>
> {
  #kept: Chunk[] = [];
  #gathered: Partial<StreamState<Chunk, Value, Summary>> = {};
  /** The newest stream's. */
  #frames = new Frames();
  #cancelFrame: (() => void) | undefined;

  constructor(target: Target<StreamOptions<Chunk, Value>>) {
    super(target, idle(target.options), { isStreaming: false });
  }

  /** Begins a new stream. Resolves at its end, also where it was stopped or replaced; rejects where it fails. */
  readonly start = (payload?: unknown, options?: CallOptions): Promise<void> => {
    const { client, action, options: always } = this.target;
    this.abort();
    const begin = { ...idle<Chunk, Value, Summary>(always), isStreaming: true };
    this.#kept = [];
    this.#gathered = {};
    this.#frames = new Frames();
    const reading = this.work<Partial<StreamState<Chunk, Value, Summary>>>(
      options?.signal,
      { begin, done: (end) => end },
      async (signal) => {
        const stream = client.stream<Chunk>(action, payload, { ...always, ...options, signal });
        let { value, chunkCount } = begin;
        try {
          for (;;) {
            const { done, value: chunk } = await stream.next();
            if (signal.aborted) return {};
            if (done) return { isDone: true, summary: chunk as Summary };
            // The reducer of the newest render.
            const { reducer } = this.target.options;
            if (reducer) value = reducer(value, chunk);
            chunkCount += 1;
            this.#take(chunk, { latest: chunk, value, chunkCount });
          }
        } finally {
          // For a reducer that throws; a stream that is over has nothing to end.
          await stream.return();
        }
      },
    );
    return quiet(
      reading.then(
        () => {},
        (error: AncpError) => {
          if (error.code !== 'aborted') throw error;
        },
      ),
    );
  };

  /** Ends the stream here and at the node. What has come stays. */
  readonly stop = (): void => this.abort();

  protected override clear(): void {
    this.abort();
    this.update(idle(this.target.options));
  }

  #take(chunk: Chunk, change: Partial<StreamState<Chunk, Value, Summary>>): void {
    this.#kept.push(chunk);
    this.#gathered = change;
    const max = this.#maxChunks;
    // Not for each chunk, as that would move all others each time.
    if (this.#kept.length > 2 * max) this.#kept.splice(0, this.#kept.length - max);
    this.#cancelFrame ??= this.#frames.next(() => this.update({}));
  }

  /** Every change brings along what has gathered. */
  protected override update(change: Partial<StreamState<Chunk, Value, Summary>>): void {
    if (this.#cancelFrame) {
      this.#cancelFrame();
      this.#cancelFrame = undefined;
      const chunks = this.#kept.slice(Math.max(0, this.#kept.length - this.#maxChunks));
      super.update({ ...this.#gathered, chunks, ...change });
    } else super.update(change);
  }

  get #maxChunks(): number {
    return this.target.options.maxChunks ?? MAX_CHUNKS;
  }
}

function idle<Chunk, Value, Summary>({
  initialValue,
}: StreamOptions<Chunk, Value>): StreamState<Chunk, Value, Summary> {
  return { ...IDLE, value: initialValue as Value };
}
