// Builds the package into dist/ from src/ and the WebAssembly modules in target/wasm-pkg.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { publishTypes } from './publish-types.mjs';
import { COMPRESSION, esbuildPlugin, wasmFile } from './wasm-modules.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
process.chdir(folder);
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');

const shared = { bundle: true, target: 'es2022', platform: 'neutral', logLevel: 'warning' };
const FORMATS = {
  js: { ...shared, format: 'esm' },
  // `require` instead of `import()`, which Jest does not run in CommonJS.
  cjs: { ...shared, format: 'cjs', supported: { 'dynamic-import': false } },
};

const SHORT = { minifyWhitespace: true, minifySyntax: true };

/** Bundles a file of src/ as `dist/{name}`. */
function bundle(entry, name, plugins, options) {
  const format = FORMATS[name.split('.').at(-1)];
  return build({ ...format, entryPoints: [`src/${entry}`], outfile: `dist/${name}`, plugins, ...options });
}

/** Leaves a file beside the bundle out of it. */
function beside(filter, path) {
  return {
    name: `beside ${path}`,
    setup: ({ onResolve }) => onResolve({ filter }, () => ({ path, external: true })),
  };
}

/** Takes `x.{place}.ts` in place of `x.ts`, where there is one; that may build on the other. */
function files(place) {
  return {
    name: `files for ${place}`,
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\/\w+\.js$/ }, ({ path, resolveDir, importer }) => {
        const file = join(resolveDir, path.replace(/js$/, `${place}.ts`));
        return existsSync(file) && file !== importer ? { path: file } : undefined;
      }),
  };
}

/** Leaves the modules in text out of a bundle: files of their own, each loaded once it is needed. */
const besidePlain = (file) => beside(/\/inline\.plain\.js$/, `./${file}`);
const besideFull = (file) => beside(/\/inline\.full\.js$/, `./${file}`);

const inNode = [files('node'), esbuildPlugin()];
const slim = [files('slim'), esbuildPlugin()];
const workerd = [files('workerd'), beside(/\.wasm$/, './ancp.wasm'), esbuildPlugin()];

await Promise.all([
  bundle('index.ts', 'index.js', [besidePlain('inline-plain.js'), besideFull('inline-full.js')]),
  bundle('index.ts', 'index.cjs', [besidePlain('inline-plain.cjs'), besideFull('inline-full.cjs')]),
  // Not compressed: nobody downloads it. Short, as parsing is a part of a start, but with names for stack traces.
  bundle('index.ts', 'node.js', [...inNode, besideFull('node-full.js')], SHORT),
  bundle('index.ts', 'node.cjs', [...inNode, besideFull('inline-full.cjs')], SHORT),
  bundle('engine/inline.full.ts', 'node-full.js', [esbuildPlugin()], SHORT),
  bundle('index.ts', 'workerd.js', workerd),
  ...['plain', 'full'].flatMap((part) => [
    bundle(`engine/inline.${part}.ts`, `inline-${part}.js`, [esbuildPlugin(COMPRESSION.small)], { minify: true }),
    // Not compressed either: Jest's jsdom has nothing to inflate it with.
    bundle(`engine/inline.${part}.ts`, `inline-${part}.cjs`, [esbuildPlugin()], { minify: true }),
  ]),
  bundle('slim.ts', 'slim.js', slim),
  bundle('slim.ts', 'slim.cjs', slim),
  bundle('did.ts', 'did.js'),
  bundle('did.ts', 'did.cjs'),
]);
copyFileSync(wasmFile('full'), 'dist/ancp.wasm');

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
publishTypes(['index', 'slim', 'did']);
for (const file of readdirSync('..').filter((name) => name.startsWith('LICENSE'))) copyFileSync(`../${file}`, file);
