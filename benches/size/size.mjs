// Everything that a page downloads to make a client and one call, as Vite and esbuild bundle it.

import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as vite from 'vite';

export const title = 'Size';
const PAGES = {
  '@bizfirst/ancp-core': 'ancp',
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
      // Each file is a download of its own; it is compressed as a server would.
      const files = (await bundle(file, page === 'react' ? NOT_OF_REACT : [])).map((text) => Buffer.from(text));
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

async function withVite(file, external) {
  const { output } = await vite.build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rollupOptions: { input: file, external, preserveEntrySignatures: 'exports-only' },
    },
  });
  return output.map((part) => part.code ?? part.source);
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
  return outputFiles.map((output) => output.contents);
}
