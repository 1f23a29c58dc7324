import { expect, it } from 'vitest';
import { indentBody, indentJson } from './indent.ts';

it('adds blanks alone', () => {
  const text = '{"a":[1.50,1e3,{}],"b":"x, {\\"y\\": [","c":[ ]}';
  const shown = indentJson(text);
  expect(shown).toBe('{\n  "a": [\n    1.50,\n    1e3,\n    {}\n  ],\n  "b": "x, {\\"y\\": [",\n  "c": []\n}');
  expect(shown.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
});

it('lays out the data of events, and leaves other text alone', () => {
  expect(indentBody('id: 1\ndata: {"a":1}\n\n')).toBe('id: 1\ndata: {\n  "a": 1\n}\n\n');
  expect(indentBody('<html>')).toBe('<html>');
  expect(indentBody('{"cut": "of')).toBe('{\n  "cut": "of');
});
