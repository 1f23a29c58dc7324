// What a page downloads to make a client and one call: each part, and all of it, compressed.

import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { largestFiles, largestInModule } from './contributors.mjs';
import { wasmFile } from './wasm-modules.mjs';

/** Bytes of the total, compressed by gzip; just above what is reached, so that growth is a decision. */
const LIMIT = 31_300;
/** The same for what is loaded on demand. */
const LATER_LIMIT = 66_900;

const dist = new URL('../dist/', import.meta.url);

/** The entry as a page's bundle holds it. */
const bundled = await build({
  stdin: {
    contents: `import { AncpClient } from './index.js'; globalThis.client = new AncpClient({ baseUrl: '', nodeId: 1 });`,
    resolveDir: dist.pathname,
  },
  bundle: true,
  minify: true,
  format: 'esm',
  external: ['./inline-plain.js', './inline-full.js'],
  write: false,
});
const inline = (part) => readFileSync(new URL(`inline-${part}.js`, dist));
const parts = {
  'client (bundled, minified)': Buffer.from(bundled.outputFiles[0].contents),
  'module and glue for plain calls': inline('plain'),
};
const measure = (bytes) => [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
const rows = Object.entries(parts).map(([name, bytes]) => [name, measure(bytes)]);
const total = rows.reduce((sum, [, sizes]) => sum.map((value, at) => value + sizes[at]), [0, 0, 0]);
const later = ['on demand: module and glue for everything', measure(inline('full'))];
for (const [name, all] of [...rows, ['total', total], later]) {
  const [plain, gzip, brotli] = all.map((size) => `${(size / 1000).toFixed(1)} KB`.padStart(9));
  console.log(`${name.padEnd(42)}${plain}${gzip} gzip${brotli} brotli`);
}
for (const part of ['plain', 'full']) {
  const [bytes, gzip] = measure(readFileSync(wasmFile(part))).map((size) => (size / 1000).toFixed(1));
  console.log(`the module ${part}: ${bytes} KB, ${gzip} gzip`);
}
for (const [what, part, gzipped, limit] of [
  ['what a page downloads first', 'plain', total[1], LIMIT],
  ['the module on demand', 'full', later[1][1], LATER_LIMIT],
]) {
  if (gzipped <= limit) continue;
  console.error(`${what} is larger than it may be: ${gzipped} bytes of ${limit}`);
  for (const [where, parts] of [
    ['in the module', largestInModule(part)],
    ['in the client', await largestFiles()],
  ]) {
    console.error(`largest ${where}, bytes before compression:`);
    for (const { name, size } of parts) console.error(`${String(size).padStart(8)}  ${name}`);
  }
  process.exitCode = 1;
}
