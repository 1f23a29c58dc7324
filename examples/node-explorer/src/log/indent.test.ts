import { expect, it } from 'vitest';
import { indentBody, indentJson } from './indent.ts';

it('adds blanks alone', () => {
  const text = '{"a":[1.50,1e3,{}],"b":"x, {\\"y\\": [","c":[ ]}';
  const shown = indentJson(text);
  expect(shown).toBe('{\n  "a": [\n    1.50,\n    1e3,\n    {}\n  ],\n  "b": "x, {\\"y\\": [",\n  "c": []\n}');
  expect(shown.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
});

it.each([
  ['long', JSON.stringify(Array.from({ length: 12_000 }, (_, id) => ({ id, name: 'x' })))],
  ['cut within a string', `{"text":"${'\\"'.repeat(100_000)}`],
  ['a long string', JSON.stringify(['x'.repeat(262_000)])],
  ['nested deeply', '['.repeat(50_000)],
])('takes no time for what is %s', (_, text) => {
  const started = performance.now();
  const shown = indentJson(text);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(shown.replace(/\s/g, '')).toBe(text);
});

it('lays out the data of events, and leaves other text alone', () => {
  expect(indentBody('id: 1\ndata: {"a":1}\n\n')).toBe('id: 1\ndata: {\n  "a": 1\n}\n\n');
  expect(indentBody('<html>')).toBe('<html>');
  expect(indentBody('{"cut": "of')).toBe('{\n  "cut": "of');
});
