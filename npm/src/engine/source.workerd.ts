import { createGlue } from 'virtual:ancp-wasm/full/glue';
import module from './ancp.wasm';
import type { Source } from './module.js';

// An older `fetch` of this runtime refuses `cache`, and it has no cache of its own in front of it.
export const noStore = false;

export const hasPlain = false;

/** The module is imported, as this runtime compiles none while it runs. */
export async function loadSource(): Promise<Source> {
  return { createGlue, module };
}
