import { expect, it } from 'vitest';
import { offers } from '../../src/observers/capabilities.js';

it('tells what costs something', () => {
  const prices = ['5.00', null, undefined, '0', '0.00', '0.000001'];
  const actions = prices.map((priceUsdc, n) => ({
    action: `a${n}`,
    pattern: 'request-reply',
    priceUsdc: priceUsdc ?? null,
  }));
  expect(offers({ nodeId: 42, actions }).payableActions.map(({ action }) => action)).toEqual(['a0', 'a5']);
  expect(offers(undefined)).toEqual({ actions: [], payableActions: [] });
});
