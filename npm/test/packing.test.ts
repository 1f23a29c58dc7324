import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../src/engine/packing.js';

/** A module with one function, of these bytes. */
function moduleOf(...body: number[]): Uint8Array {
  const code = [1, body.length + 1, 0, ...body];
  return Uint8Array.of(...HEAD, ...[1, 4, 1, 0x60, 0, 0], ...[3, 2, 1, 0], 10, code.length, ...code);
}

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const END = 0x0b;

describe.each(['plain', 'full'])('the module %s', (part) => {
  const module = new Uint8Array(
    readFileSync(new URL(`../../target/wasm-pkg/${part}/ancp_wasm_bg.wasm`, import.meta.url)),
  );

  it('comes out of its packing byte for byte', () => {
    expect(Buffer.compare(unpack(pack(module)), module)).toBe(0);
  });

  it('compresses better when it is packed', () => {
    expect(gzipSync(pack(module)).length).toBeLessThan(0.93 * gzipSync(module).length);
  });
});

it.each([
  ['nothing but a header', Uint8Array.from(HEAD)],
  ['an empty function', moduleOf(END)],
  ['blocks in blocks', moduleOf(0x02, 0x40, 0x03, 0x40, 0x41, 0, 0x04, 0x40, 0x05, END, END, END, END)],
  ['a table of labels', moduleOf(0x02, 0x40, 0x41, 0, 0x0e, 2, 0, 0, 1, END, END)],
  ['numbers of many bytes', moduleOf(0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x1a, 0x42, 0x80, 0x80, 0x01, 0x1a, END)],
  ['numbers with a point', moduleOf(0x44, ...new Array(8).fill(0x0b), 0x1a, 0x43, 0x0b, 0x0b, 0x0b, 0x0b, 0x1a, END)],
  ['vectors', moduleOf(0xfd, 0x0c, ...new Array(16).fill(0x0b), 0xfd, 0x15, 1, 0x1a, END)],
])('packs and unpacks %s', (_, module) => {
  expect(WebAssembly.validate(module as Uint8Array<ArrayBuffer>)).toBe(true);
  expect(unpack(pack(module))).toEqual(module);
});

it.each([
  // i32.atomic.load, whose alignment and offset would be taken for instructions.
  ['of unknown instructions', moduleOf(0x41, 0, 0xfe, 0x10, 0x02, 0x0b, 0x1a, END), /unknown instruction/],
  ['that ends too early', moduleOf(0x41, 0, 0x1a, END).subarray(0, -2), /ends too early/],
])('refuses a module %s', (_, module, why) => {
  expect(() => pack(module)).toThrow(why);
});
