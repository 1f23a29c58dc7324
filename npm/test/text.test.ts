import { describe, expect, it } from 'vitest';
import { textCodec } from '../src/engine/text.node.js';

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
