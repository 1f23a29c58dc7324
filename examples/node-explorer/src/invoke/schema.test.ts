import { expect, it } from 'vitest';
import { formOf, initialValues, payloadOf } from './schema.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    note: { type: 'string' },
    month: { type: 'string', default: '2026-03' },
    count: { type: 'integer' },
    dry: { type: 'boolean' },
    size: { type: 'string', enum: ['S', 'L'] },
  },
  required: ['month'],
};

it('makes a form of plain properties, the required ones first', () => {
  const fields = formOf(SCHEMA) ?? [];
  expect(fields.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
    'month: text',
    'note: text',
    'count: integer',
    'dry: boolean',
    'size: choice',
  ]);
  expect(payloadOf(fields, initialValues(fields))).toEqual({ month: '2026-03' });
  const values = { month: '', note: 'x', count: '3', dry: true, size: 'L' };
  expect(payloadOf(fields, values)).toEqual({ month: '', note: 'x', count: 3, dry: true, size: 'L' });
});

it.each([
  undefined,
  null,
  {},
  [],
  { type: 'string' },
  { type: 'object' },
  { type: 'object', properties: {} },
  { type: 'object', properties: { a: { type: 'object' } } },
  { type: 'object', properties: { a: true } },
  { type: 'object', properties: { a: { type: ['string', 'null'] } } },
  { type: 'object', properties: { a: { type: 'integer', enum: [1, 2] } } },
])('leaves %j to the JSON editor', (schema) => {
  expect(formOf(schema)).toBeUndefined();
});
