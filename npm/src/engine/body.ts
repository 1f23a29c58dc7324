import type { FetchResponse } from '../options.js';
import { textCodec } from './text.js';

/** A part of a body: bytes, or text where a stub gives that. */
type Part = Uint8Array | string;

/** Reads a body part by part. */
export interface BodyReader {
  read(): Promise<{ done?: boolean | undefined; value?: Part | undefined }>;
  cancel(): unknown;
}

interface Body {
  getReader?(): BodyReader;
  [Symbol.asyncIterator]?(): AsyncIterator<Part>;
}

/** Said where a body is larger than allowed. */
export class TooLarge extends Error {}

/** A reader of whatever the response offers: a stream, an async iterable (as of `node-fetch`), or its whole content. */
export function readerOf(response: FetchResponse): BodyReader {
  const body = response.body as Body | null | undefined;
  if (typeof body?.getReader === 'function') return body.getReader();
  const iterate = body?.[Symbol.asyncIterator];
  const iterator: AsyncIterator<Part> = typeof iterate === 'function' ? iterate.call(body) : whole(response);
  return { read: () => iterator.next(), cancel: () => iterator.return?.() };
}

/** The next part, or `undefined` at the end. */
export async function nextOf(reader: BodyReader): Promise<Uint8Array | undefined> {
  const { done, value } = await reader.read();
  return done ? undefined : bytesOf(value);
}

/** Lets go of the connection. It fails where that is gone already, which is what was wanted, or where a stub can't. */
export function letGo(reader: BodyReader): void {
  // The engine calls this: nothing may be thrown here.
  new Promise((resolve) => resolve(reader.cancel())).catch(() => {});
}

/** The whole body, of which no more than `limit` bytes are kept. */
export async function readAll(response: FetchResponse, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = readerOf(response);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    // As `nextOf`, without a promise of its own for every part.
    const { done, value } = await reader.read();
    if (done) break;
    const part = bytesOf(value);
    size += part.length;
    if (size > limit) {
      letGo(reader);
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
