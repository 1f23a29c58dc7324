import { expect, it } from 'vitest';
import { Slots } from '../src/engine/slots.js';

it('gives out numbers from 1 on, and those again that are free', () => {
  const slots = new Slots<string>();
  expect([slots.add('a'), slots.add('b')]).toEqual([1, 2]);
  expect(slots.delete(1, 'a')).toBe(true);
  expect(slots.get(1)).toBeUndefined();
  expect(slots.add('c')).toBe(1);
  expect(slots.get(1)).toBe('c');
  expect(slots.add('d')).toBe(3);
});

it('takes out only what is meant, once', () => {
  const slots = new Slots<string>();
  const number = slots.add('a');
  expect(slots.delete(number, 'a')).toBe(true);
  expect(slots.delete(number, 'a')).toBe(false);
  slots.add('b');
  expect(slots.delete(number, 'a')).toBe(false);
  expect(slots.get(number)).toBe('b');
});

it('is empty once all is taken out', () => {
  const slots = new Slots<string>();
  expect(slots.isEmpty).toBe(true);
  for (const value of ['a', 'b', 'c']) slots.add(value);
  slots.delete(2, 'b');
  expect(slots.isEmpty).toBe(false);
  expect(slots.drain()).toEqual(['a', 'c']);
  expect(slots.isEmpty).toBe(true);
  expect(new Set([slots.add('d'), slots.add('e'), slots.add('f')])).toEqual(new Set([1, 2, 3]));
});
