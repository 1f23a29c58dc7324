// Everything that a page downloads to make a client and one call, as Vite and esbuild bundle it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as vite from 'vite';

export const title = 'Size';
const PAGES = {
  '@bizfirst/ancp-core': 'ancp',
  '@bizfirst/ancp-core, for a stream or a task': 'ancp-stream',
  '@bizfirst/ancp-core, for a call and then a stream': 'ancp-both',
  '@a2a-js/sdk': 'a2a',
  '@modelcontextprotocol/sdk': 'mcp',
  '@microsoft/signalr': 'signalr',
  openai: 'openai',
  '@bizfirst/ancp-react (without React and the client)': 'react',
};
const BUNDLERS = { Vite: withVite, esbuild: withEsbuild };
/** What the React package leaves to the page. */
const NOT_OF_REACT = ['react', 'react/jsx-runtime', '@bizfirst/ancp-core'];

export async function run({ progress }) {
  const cases = [];
  for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
    const results = {};
    for (const [name, page] of Object.entries(PAGES)) {
      const file = fileURLToPath(new URL(`${page}.js`, import.meta.url));
      const bundled = await bundle(file, page === 'react' ? NOT_OF_REACT : []);
      // Each file is a download of its own; it is compressed as a server would.
      const files = bundled.length > 1 ? downloaded(bundled) : bundled.map(({ bytes }) => bytes);
      const sum = (length) => files.reduce((total, bytes) => total + length(bytes), 0);
      results[name] = {
        minified: sum((bytes) => bytes.length),
        gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length),
        brotli: sum((bytes) => brotliCompressSync(bytes).length),
      };
    }
    cases.push(progress({ bundler, results }));
  }
  return { unit: 'KB', base: '@bizfirst/ancp-core', cases };
}

/** Runs a page, of which the first file is the entry, until its last request, and gives the files that it has loaded. */
function downloaded(files) {
  const folder = mkdtempSync(join(tmpdir(), 'ancp-size-'));
  try {
    for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const watch = fileURLToPath(new URL('watch.mjs', import.meta.url));
    const arguments_ = ['--import', watch, join(folder, files[0].name)];
    const { stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8', timeout: 60_000 });
    const loaded = files.filter(({ name }) => stdout.includes(`loaded ${name}\n`));
    if (!stdout.includes('fetched\n') || !loaded.includes(files[0])) {
      throw new Error(`the page ${files[0].name} has not sent its request: ${stdout}`);
    }
    return loaded.map(({ bytes }) => bytes);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withVite(file, external) {
  const { output } = await vite.build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rollupOptions: {
        input: file,
        external,
        preserveEntrySignatures: 'exports-only',
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' },
      },
    },
  });
  return output.map(({ fileName, code, source }) => ({ name: fileName, bytes: Buffer.from(code ?? source) }));
}

async function withEsbuild(file, external) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external,
    outdir: 'out',
    write: false,
    logLevel: 'error',
  });
  return outputFiles.map(({ path, contents }) => ({ name: path.split(/[\\/]/).at(-1), bytes: Buffer.from(contents) }));
}
