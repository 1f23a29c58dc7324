import { readAll } from './body.js';
import type { Part, Source } from './module.js';
import { unpack } from './packing.js';

/** Takes a module from a chunk of its own, which is loaded at the first call that needs it. */
export async function loadSource(part: Part): Promise<Source> {
  const inline = part === 'plain' ? import('./inline.plain.js') : import('./inline.full.js');
  const { createGlue, data, packed } = await inline;
  const bytes = fromBase64(data);
  return { createGlue, module: await WebAssembly.compile(packed ? unpack(await gunzip(bytes)) : bytes) };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  if (fromBase64) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  // Not `Uint8Array.from`, which takes many times as long.
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  // A failure is told by the reading side, too.
  for (const done of [writer.write(bytes), writer.close()]) done.catch(() => {});
  return readAll({ status: 200, body: readable }, Number.POSITIVE_INFINITY);
}
