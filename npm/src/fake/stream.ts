import { AncpError } from '../error.js';
import { type CapturedCall, delay, type Events, envelope, errorMeta, event, settled } from './message.js';

/** Chunks, or a function that makes them of a payload. */
export type FakeChunks<Payload, Chunk> =
  | Iterable<Chunk>
  | AsyncIterable<Chunk>
  | ((payload: Payload, call: CapturedCall) => Iterable<Chunk> | AsyncIterable<Chunk>);

/** How a scripted stream goes. */
export interface FakeStreamOptions {
  /** The time before each chunk, in milliseconds. Default 0. */
  readonly delayMs?: number;
  /** Fails with this after the last chunk. Default: the stream is complete then. */
  readonly error?: AncpError;
  /** What the stream ends with. Default null. */
  readonly summary?: unknown;
}

/**
 * Events of a scripted stream. A function that throws ends it with `handler_error`, as at a real node.
 * @internal
 */
export function scriptedStream(
  call: CapturedCall,
  chunks: FakeChunks<never, unknown>,
  options: FakeStreamOptions,
): Events {
  const events = scriptedEvents(call, chunks, options);
  return {
    read: async () => (await events.next()).value ?? undefined,
    cancel() {
      // Lets the generator of the test's clean up.
      events.return().catch(() => {});
    },
  };
}

async function* scriptedEvents(
  call: CapturedCall,
  chunks: FakeChunks<never, unknown>,
  { delayMs, error, summary }: FakeStreamOptions,
): AsyncGenerator<string, void, void> {
  const frames = new Frames(call);
  try {
    for await (const chunk of typeof chunks === 'function' ? chunks(call.payload as never, call) : chunks) {
      await delay(delayMs);
      yield frames.chunk(chunk);
    }
  } catch (thrown) {
    yield frames.failure(asError(thrown));
    return;
  }
  yield error ? frames.failure(error) : frames.end(summary);
}

/**
 * What a function of the test's threw, as the node would tell it.
 * @internal
 */
export function asError(thrown: unknown): AncpError {
  return thrown instanceof AncpError
    ? thrown
    : new AncpError(thrown instanceof Error ? thrown.message : String(thrown), { code: 'handler_error' });
}

/** Writes the events of one stream. */
class Frames {
  readonly #call: CapturedCall;
  #sequence = 0;

  constructor(call: CapturedCall) {
    this.#call = call;
  }

  chunk(payload: unknown): string {
    this.#sequence += 1;
    return event('chunk', this.#sequence, envelope(this.#call, payload, { stream: this.#meta({ resumable: false }) }));
  }

  end(summary: unknown): string {
    return event('done', undefined, envelope(this.#call, summary, { stream: this.#meta({ final: true }) }));
  }

  failure(error: AncpError): string {
    return event('error', undefined, envelope(this.#call, null, { error: errorMeta(error) }));
  }

  #meta(more: object): object {
    return { streamId: this.#call.messageId, sequence: this.#sequence, ...more };
  }
}

type Step = (frames: Frames) => string;

interface Queued {
  readonly write: Step;
  readonly last: boolean;
  taken(): void;
}

/**
 * A stream that a test drives by hand. What is pushed before the stream is opened is kept for it; where the action is
 * called again, the newest stream is driven.
 */
export class FakeStream<Chunk = unknown> {
  /** Whether a client is connected. */
  isOpen = false;
  /** Whether the consumer left before the end, by `break`, an abort, or `close`. */
  isStopped = false;
  /** The call that opened it. */
  call: CapturedCall | undefined;
  readonly #queue: Queued[] = [];
  #wake: (() => void) | undefined;
  readonly #opened: (() => void)[] = [];

  /** Resolves once a client has opened the stream. */
  async opened(): Promise<void> {
    if (!this.isOpen) await new Promise<void>((resolve) => this.#opened.push(resolve));
    await settled();
  }

  /** Sends a chunk. Resolves once the consumer has it; at once where no client is connected. */
  push(chunk: Chunk): Promise<void> {
    return this.#send((frames) => frames.chunk(chunk), false);
  }

  /** Completes the stream. */
  end(summary: unknown = null): Promise<void> {
    return this.#send((frames) => frames.end(summary), true);
  }

  /** Ends the stream with an error. */
  fail(error: AncpError): Promise<void> {
    return this.#send((frames) => frames.failure(error), true);
  }

  /** @internal */
  _open(call: CapturedCall): Events {
    const frames = new Frames(call);
    let over = false;
    this.call = call;
    this.isOpen = true;
    this.isStopped = false;
    for (const resolve of this.#opened.splice(0)) resolve();
    const close = () => {
      over = true;
      // Where the action was called again, this is no longer the stream that is driven.
      if (this.call !== call) return;
      this.isOpen = false;
      // Whoever waits for a chunk to arrive need not wait for ever.
      for (const { taken } of this.#queue) taken();
    };
    return {
      read: async () => {
        for (;;) {
          if (over) return undefined;
          const queued = this.call === call ? this.#queue.shift() : undefined;
          if (queued) {
            if (queued.last) close();
            queued.taken();
            return queued.write(frames);
          }
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
      cancel: () => {
        if (over) return;
        this.isStopped = this.call === call;
        close();
        this.#wake?.();
      },
    };
  }

  async #send(write: Step, last: boolean): Promise<void> {
    await new Promise<void>((taken) => {
      this.#queue.push({ write, last, taken });
      if (!this.isOpen) taken();
      this.#wake?.();
    });
    await settled();
  }
}
