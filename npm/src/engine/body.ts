import type { FetchResponse } from '../options.js';
import { textCodec } from './text.js';

/** A part of a body: bytes, or text where a stub gives that. */
type Part = Uint8Array | string;

/** Reads a body part by part. */
export interface BodyReader {
  /** The next part, or `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of the connection. */
  cancel(): void;
}

interface StreamReader {
  read(): Promise<{ done: boolean; value?: Part | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
}

interface Body {
  getReader?(): StreamReader;
  [Symbol.asyncIterator]?(): AsyncIterator<Part>;
}

/** Said where a body is larger than allowed. */
export class TooLarge extends Error {}

/** A reader of whatever the response offers: a stream, an async iterable (as of `node-fetch`), or its whole content. */
export function readerOf(response: FetchResponse): BodyReader {
  const body = response.body as Body | null | undefined;
  if (typeof body?.getReader === 'function') {
    const reader = body.getReader();
    return {
      async read() {
        const { done, value } = await reader.read();
        return done ? undefined : bytesOf(value);
      },
      cancel: () => letGo(() => reader.cancel()),
    };
  }
  const iterate = body?.[Symbol.asyncIterator];
  if (typeof iterate === 'function') return iterated(iterate.call(body));
  return iterated(whole(response));
}

/** The whole body, of which no more than `limit` bytes are kept. */
export async function readAll(response: FetchResponse, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = readerOf(response);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); part; part = await reader.read()) {
    size += part.length;
    if (size > limit) {
      reader.cancel();
      throw new TooLarge();
    }
    parts.push(part);
  }
  const [first] = parts;
  if (first && parts.length === 1) return first as Uint8Array<ArrayBuffer>;
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function iterated(iterator: AsyncIterator<Part>): BodyReader {
  return {
    async read() {
      const { done, value } = await iterator.next();
      return done ? undefined : bytesOf(value);
    },
    cancel: () => letGo(() => iterator.return?.()),
  };
}

/** It fails where the connection is gone already, which is what was wanted, or where a stub can't. */
function letGo(cancel: () => unknown): void {
  // The engine calls this: nothing may be thrown here.
  new Promise((resolve) => resolve(cancel())).catch(() => {});
}

async function* whole(response: FetchResponse): AsyncGenerator<Part> {
  if (typeof response.arrayBuffer === 'function') yield new Uint8Array(await response.arrayBuffer());
  else if (typeof response.text === 'function') yield await response.text();
  else if (typeof response.json === 'function') yield JSON.stringify(await response.json());
}

function bytesOf(part: Part | undefined): Uint8Array {
  if (typeof part === 'string') return new (textCodec().TextEncoder)().encode(part);
  if (ArrayBuffer.isView(part)) return part;
  throw new TypeError('the body does not consist of bytes');
}
