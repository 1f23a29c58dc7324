/**
 * The same text for values that say the same: properties in any order, `Headers` as pairs, a `URL` as text. Functions
 * count as equal, because the ones written inline are new at every render.
 */
export function stableKey(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'function') return { function: true };
    if (typeof part === 'bigint') return String(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    if (Symbol.iterator in part) return [...(part as Iterable<unknown>)];
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
