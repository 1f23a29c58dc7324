// What the package's bytes are spent on: for whoever has to bring them down.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { wasmFile } from './wasm-modules.mjs';

const SHOWN = 25;
const folder = fileURLToPath(new URL('..', import.meta.url));

/** The largest functions and sections of a module, as `{ name, size }`. */
export function largestInModule(part) {
  const { sections, functions } = measure(readFileSync(wasmFile(part)));
  const names = functionNames(part);
  const parts = [
    ...functions.map(({ index, size }) => ({ name: names.get(index) ?? `function ${index}`, size })),
    // The code is its functions.
    ...sections
      .filter(({ id }) => id !== CODE)
      .map(({ id, size }) => ({ name: `section ${SECTIONS[id] ?? id}`, size })),
  ];
  return largest(parts);
}

/** The largest source files in a page's bundle without the module, minified, as `{ name, size }`. */
export async function largestFiles() {
  const { metafile } = await build({
    // Without the fake, which a page leaves out.
    stdin: { contents: "export { AncpClient } from './src/index.ts';", resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['./inline.plain.js', './inline.full.js'],
    metafile: true,
    write: false,
  });
  const [output] = Object.values(metafile.outputs);
  return largest(Object.entries(output.inputs).map(([name, { bytesInOutput }]) => ({ name, size: bytesInOutput })));
}

function largest(parts) {
  return parts
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size)
    .slice(0, SHOWN);
}

/** By index; wasm-opt wrote them (`xtask/src/wasm.rs`). */
function functionNames(part) {
  const lines = readFileSync(new URL('symbols.txt', `file://${wasmFile(part)}`), 'utf8')
    .trim()
    .split('\n');
  return new Map(
    lines.map((line) => {
      const [, index, name] = /^(\d+):(.*?)(?:::h[0-9a-f]{16})?$/.exec(line);
      return [Number(index), name];
    }),
  );
}

const CODE = 10;
const SECTIONS = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'element'];
SECTIONS[CODE] = 'code';
SECTIONS[11] = 'data';

/** Walks over the sections of a module, and over the bodies in its code. */
function measure(bytes) {
  const sections = [];
  const functions = [];
  const imported = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === 'function');
  // After the magic number and the version.
  let at = 8;
  const number = () => {
    let [value, shift, byte] = [0, 0, 0x80];
    while (byte & 0x80) {
      byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    }
    return value;
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = number();
    const end = at + size;
    sections.push({ id, size });
    if (id === CODE) {
      const count = number();
      for (let index = 0; index < count; index++) {
        const length = number();
        functions.push({ index: imported.length + index, size: length });
        at += length;
      }
    }
    at = end;
  }
  return { sections, functions };
}
