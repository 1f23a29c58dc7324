// What the hooks add to a page: everything that is exported, minified and compressed, without React and the client.

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT = 4096;

const { outputFiles } = await build({
  stdin: { contents: "export * from './index.js';", resolveDir: new URL('../dist/', import.meta.url).pathname },
  bundle: true,
  minify: true,
  format: 'esm',
  packages: 'external',
  write: false,
  logLevel: 'error',
});
const [{ contents }] = outputFiles;
const gzipped = gzipSync(contents, { level: 9 }).length;
console.log(`hooks: ${contents.length} bytes minified, ${gzipped} gzip (limit ${LIMIT})`);
if (gzipped > LIMIT) {
  console.error('the hooks are larger than they may be');
  process.exitCode = 1;
}
