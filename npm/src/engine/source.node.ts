import * as plain from './inline.fast.js';
import type { Part, Source } from './module.js';

export const noStore = true;

export const hasPlain = true;

/**
 * Decodes a module, which nobody has compressed here: that, or a file of its own, takes longer than all else before the
 * first request. So the one for plain calls is a part of this file.
 */
export async function loadSource(part: Part): Promise<Source> {
  const { createGlue, data } = part === 'plain' ? plain : await import('./inline.full.js');
  return { createGlue, module: await WebAssembly.compile(Buffer.from(data, 'base64')) };
}
