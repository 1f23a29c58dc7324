// What a page downloads to make a client and one call: each part, and all of it, compressed.

import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { largestFiles, largestInModule } from './contributors.mjs';

/** Bytes of the total, compressed by gzip; just above what is reached, so that growth is a decision. */
const LIMIT = 93_500;

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
  external: ['./inline.js'],
  write: false,
});
const parts = {
  'client (bundled, minified)': Buffer.from(bundled.outputFiles[0].contents),
  'inline.js (glue + module)': readFileSync(new URL('inline.js', dist)),
};
const rows = Object.entries(parts).map(([name, bytes]) => [
  name,
  bytes.length,
  gzipSync(bytes, { level: 9 }).length,
  brotliCompressSync(bytes).length,
]);
const total = rows.reduce((sum, row) => sum.map((value, at) => value + row[at + 1]), [0, 0, 0]);
for (const [name, ...sizes] of [...rows, ['total', ...total]]) {
  const [plain, gzip, brotli] = sizes.map((size) => `${(size / 1000).toFixed(1)} KB`.padStart(9));
  console.log(`${name.padEnd(28)}${plain}${gzip} gzip${brotli} brotli`);
}
const wasm = readFileSync(new URL('ancp.wasm', dist));
console.log(
  `of which ancp.wasm: ${(wasm.length / 1000).toFixed(1)} KB, ${(gzipSync(wasm, { level: 9 }).length / 1000).toFixed(1)} gzip`,
);
const gzipped = total[1];
if (gzipped > LIMIT) {
  console.error(`the package is larger than it may be: ${gzipped} bytes of ${LIMIT}`);
  for (const [what, parts] of [
    ['in ancp.wasm', largestInModule()],
    ['in the client', await largestFiles()],
  ]) {
    console.error(`largest ${what}, bytes before compression:`);
    for (const { name, size } of parts) console.error(`${String(size).padStart(8)}  ${name}`);
  }
  process.exitCode = 1;
}
