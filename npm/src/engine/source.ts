import { readAll } from './body.js';
import type { Part, Source } from './module.js';

// Entries for other places build with source.slim.ts or source.workerd.ts instead of this file.

/** Whether `fetch` understands `cache: 'no-store'`. */
export const noStore = true;

/** Whether there is a module for plain calls, which is half as large. */
export const hasPlain = true;

/** Unpacks a module from a chunk of its own, which is loaded at the first call that needs it. */
export async function loadSource(part: Part): Promise<Source> {
  const inline = part === 'plain' ? import('./inline.plain.js') : import('./inline.full.js');
  const { createGlue, data, gzipped } = await inline;
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  return { createGlue, module: await WebAssembly.compile(gzipped ? await gunzip(bytes) : bytes) };
}

function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  // A failure is told by the reading side, too.
  for (const done of [writer.write(bytes), writer.close()]) done.catch(() => {});
  return readAll({ status: 200, body: readable }, Number.POSITIVE_INFINITY);
}
