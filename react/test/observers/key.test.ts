import { expect, it } from 'vitest';
import { stableKey } from '../../src/observers/key.js';

it('is the same for the same said in another way', () => {
  expect(stableKey({ b: [1], a: { d: 1, c: 2 } })).toBe(stableKey({ a: { c: 2, d: 1 }, b: [1], e: undefined }));
  expect(stableKey({ u: new URL('https://a.example/') })).toBe(stableKey({ u: 'https://a.example/' }));
  expect(stableKey(new Headers({ 'x-a': '1' }))).toBe(stableKey([['x-a', '1']]));
  expect(stableKey({ f: () => 1 })).toBe(stableKey({ f: () => 2 }));
});

it('differs where anything differs', () => {
  const values = [{ a: 1 }, { a: '1' }, { a: null }, {}, { a: () => 1 }, { a: 1n }, { a: [1, 2] }, { a: [2, 1] }];
  const same = new Set(values.map(stableKey));
  // A bigint is written as text, as in a URL.
  expect(same.size).toBe(values.length - 1);
});
