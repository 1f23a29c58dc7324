// Entries for other places build with another `source.….ts` instead of this file.

/** Whether `fetch` understands `cache: 'no-store'`. */
export const noStore = true;

/** Whether there is a module for plain calls, which is less than a third as large. */
export const hasPlain = true;

export { loadSource } from './inlined.js';
