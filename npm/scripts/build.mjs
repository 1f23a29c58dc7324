// Builds the package into dist/ from src/ and the WebAssembly modules in target/wasm-pkg.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { publishTypes } from './publish-types.mjs';
import { COMPRESSION, esbuildPlugin, wasmFile } from './wasm-modules.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
process.chdir(folder);
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');

const shared = { bundle: true, target: 'es2022', platform: 'neutral', logLevel: 'warning' };
const esm = { ...shared, format: 'esm' };
// `require` instead of `import()`, which Jest does not run in CommonJS.
const cjs = { ...shared, format: 'cjs', supported: { 'dynamic-import': false } };

/** Leaves a file beside the bundle out of it. */
function beside(filter, path) {
  return {
    name: `beside ${path}`,
    setup: ({ onResolve }) => onResolve({ filter }, () => ({ path, external: true })),
  };
}

/** Takes another file in place of src/engine/source.ts. */
function sourceFrom(file) {
  return {
    name: `source ${file}`,
    setup: ({ onResolve }) => onResolve({ filter: /\/source\.js$/ }, () => ({ path: `${folder}src/engine/${file}` })),
  };
}

/** The modules in text, each a file of its own that is loaded once it is needed. */
const INLINES = ['src/engine/inline.plain.ts', 'src/engine/inline.full.ts'];

function inlines(extension) {
  return ['plain', 'full'].map((part) => beside(new RegExp(`/inline\\.${part}\\.js$`), `./inline.${part}${extension}`));
}

await Promise.all([
  build({
    ...esm,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/index.js',
    plugins: inlines('.js'),
  }),
  build({
    ...esm,
    entryPoints: INLINES,
    outdir: 'dist',
    minify: true,
    plugins: [esbuildPlugin(COMPRESSION.small)],
  }),
  build({
    ...cjs,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/index.cjs',
    plugins: inlines('.cjs'),
  }),
  // Not compressed: nobody downloads it, and Jest's jsdom has nothing to inflate it with.
  build({
    ...cjs,
    entryPoints: INLINES,
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    minify: true,
    plugins: [esbuildPlugin()],
  }),
  build({
    ...esm,
    entryPoints: ['src/slim.ts'],
    outfile: 'dist/slim.js',
    plugins: [sourceFrom('source.slim.ts'), esbuildPlugin()],
  }),
  build({
    ...cjs,
    entryPoints: ['src/slim.ts'],
    outfile: 'dist/slim.cjs',
    plugins: [sourceFrom('source.slim.ts'), esbuildPlugin()],
  }),
  build({ ...esm, entryPoints: ['src/did.ts'], outfile: 'dist/did.js' }),
  build({ ...cjs, entryPoints: ['src/did.ts'], outfile: 'dist/did.cjs' }),
  build({
    ...esm,
    entryPoints: ['src/index.ts'],
    outfile: 'dist/workerd.js',
    plugins: [sourceFrom('source.workerd.ts'), beside(/\.wasm$/, './ancp.wasm'), esbuildPlugin()],
  }),
]);
copyFileSync(wasmFile('full'), 'dist/ancp.wasm');

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
publishTypes(['index', 'slim', 'did']);
for (const file of readdirSync('..').filter((name) => name.startsWith('LICENSE'))) copyFileSync(`../${file}`, file);
