import { expect, it } from 'vitest';
import { PLACES, Slots } from '../src/engine/slots.js';

it('gives out numbers from 1 on, and places again that are free', () => {
  const slots = new Slots<string>();
  expect([slots.add('a'), slots.add('b')]).toEqual([1, 2]);
  expect(slots.delete(1)).toBe(true);
  expect(slots.get(1)).toBeUndefined();
  expect(slots.add('c')).toBe(1 + PLACES);
  expect(slots.get(1 + PLACES)).toBe('c');
  expect(slots.add('d')).toBe(3);
});

it('does not take one value for another that had its place', () => {
  const slots = new Slots<string>();
  const number = slots.add('a');
  expect(slots.delete(number)).toBe(true);
  expect(slots.delete(number)).toBe(false);
  const later = slots.add('b');
  expect(slots.get(number)).toBeUndefined();
  expect(slots.delete(number)).toBe(false);
  expect(slots.get(later)).toBe('b');
});

it('gives out no number that does not cross, nor 0', () => {
  const slots = new Slots<string>();
  for (let turn = 0; turn < 3000; turn++) {
    const number = slots.add('a');
    expect(number).toBe(((turn * PLACES) % 2 ** 32) + 1);
    slots.delete(number);
  }
  expect(slots.get(0)).toBeUndefined();
  expect(slots.delete(0)).toBe(false);
});

it('is empty once all is taken out', () => {
  const slots = new Slots<string>();
  expect(slots.isEmpty).toBe(true);
  for (const value of ['a', 'b', 'c']) slots.add(value);
  slots.delete(2);
  expect(slots.isEmpty).toBe(false);
  expect(slots.drain()).toEqual(['a', 'c']);
  expect(slots.isEmpty).toBe(true);
  const places = [slots.add('d'), slots.add('e'), slots.add('f')].map((number) => number % PLACES);
  expect(new Set(places)).toEqual(new Set([1, 2, 3]));
});
