import { describe, expect, it } from 'vitest';
import * as anywhere from '../src/engine/text.js';
import { fromLatin1, textCodec } from '../src/engine/text.node.js';

describe('the decoder in Node.js', () => {
  const decoder = new (textCodec().TextDecoder)('utf-8', { ignoreBOM: true, fatal: true });

  it.each([
    '',
    'plain',
    'Zwölf Röhren',
    '\ufeffwith a mark',
    'plain '.repeat(500),
    'Zwölf Röhren '.repeat(500),
    '十二の管 '.repeat(500),
    '\ufeff🎉é'.repeat(500),
    `${'.'.repeat(998)}é`,
    `${'.'.repeat(997)}é`,
  ])('gives back what was written: %.20s', (text) => {
    // Within other bytes, as in the module's memory.
    const bytes = new TextEncoder().encode(`é${text}é`);
    expect(decoder.decode(bytes.subarray(2, bytes.length - 2))).toBe(text);
  });

  it('decodes nothing', () => {
    expect(decoder.decode()).toBe('');
  });
});

it.each([fromLatin1, anywhere.fromLatin1])('text of one byte a character is read', (read) => {
  const bytes = Uint8Array.from({ length: 258 }, (_, at) => at - 1);
  const characters = Array.from({ length: 256 }, (_, at) => String.fromCharCode(at)).join('');
  // Within other bytes, as in the module's memory.
  expect(read(bytes.subarray(1, 257))).toBe(characters);
  expect(read(new Uint8Array(1_000_000).fill(0xe9))).toBe('é'.repeat(1_000_000));
});
