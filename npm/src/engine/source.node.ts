import { readFileSync } from 'node:fs';
import { createGlue as createFullGlue } from 'virtual:ancp-wasm/full/glue';
import { createGlue as createPlainGlue } from 'virtual:ancp-wasm/plain/glue';
import { unpack } from './inlined.js';
import type { Part, Source } from './module.js';

export const noStore = true;

export const hasPlain = true;

/**
 * Compiles a file beside this one, which is there many times sooner than what must be unpacked. Where it can't be read,
 * left behind when an application was bundled or out of bounds for the process, the inlined module serves as well.
 */
export async function loadSource(part: Part): Promise<Source> {
  const [name, createGlue] =
    part === 'plain' ? ['./ancp-plain.wasm', createPlainGlue] : ['./ancp.wasm', createFullGlue];
  try {
    // At once, as each step of an asynchronous read waits for its turn while the application starts.
    const bytes = readFileSync(new URL(name, import.meta.url));
    return { createGlue, module: await WebAssembly.compile(bytes) };
  } catch {
    return unpack(part);
  }
}
