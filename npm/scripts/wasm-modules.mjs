// The WebAssembly modules and their glue as virtual modules, for the build (esbuild) and the tests (Vite).

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { gzipAsync as zopfli } from '@gfx/zopfli';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../../target/wasm-pkg/', import.meta.url));
const source = fileURLToPath(new URL('../src/engine/', import.meta.url));

/** The file of a module: `full`, or `plain`, which can do no more than plain calls, or `fast`, the same for Node.js. */
export function wasmFile(part) {
  return `${folder}${part}/ancp_wasm_bg.wasm`;
}

/** Ways to hold the module in text. */
export const COMPRESSION = {
  /** A twentieth smaller than by `fast`; takes some seconds. Without an end to its blocks, as there are many streams. */
  small: (bytes) => zopfli(bytes, { numiterations: 15, blocksplittingmax: 0 }),
  fast: promisify(gzip),
  none: undefined,
};

/** The source of a virtual module: `virtual:ancp-wasm/{part}/glue` or `…/data`. */
async function virtualModule(name, compress) {
  const [, part, what] = name.split('/');
  if (!existsSync(wasmFile(part))) throw new Error(`there is no ${wasmFile(part)}: run \`cargo xtask build\` first`);
  const read = (file) => readFileSync(`${folder}${part}/${file}`, 'utf8');
  if (what === 'glue') return glue(withShortNames(read('ancp_wasm.js'), JSON.parse(read('names.json'))));
  if (what === 'data') return data(readFileSync(wasmFile(part)), compress);
  throw new Error(`there is no ${name}`);
}

/** Calls what the module imports and exports as wasm-opt does (`xtask/src/wasm.rs`). */
function withShortNames(text, { imports, exports }) {
  // All that a module imports comes from one, whatever that was called.
  let glue = text.replaceAll(`"${imports[0][0]}"`, '"a"');
  for (const [, name, short] of imports) glue = glue.replaceAll(`${name}:`, `${short}:`);
  for (const [name, short] of exports) glue = glue.replaceAll(new RegExp(`wasm\\.${name}\\b`, 'g'), `wasm.${short}`);
  return glue;
}

/**
 * wasm-bindgen's glue keeps its state in variables around its functions: one copy could serve one instance only. So it
 * becomes a function that makes a new copy. Its loaders for files, URLs and old parameters go, as nobody calls them, and what
 * is for other callers and older environments than ours.
 */
function glue(text) {
  const loaders = text.indexOf('    async function __wbg_load(');
  const tail = text.indexOf('    return Object.assign(__wbg_init, { initSync }, exports);');
  const head = /^let wasm_bindgen = \(function\(exports\) \{\n {4}let script_src;\n {4}if .*\n.*\n {4}\}\n/;
  if (!head.test(text) || loaders < 0 || tail < loaders)
    throw new Error('this version of wasm-bindgen writes other glue');
  const body = [head, ...NEEDLESS].reduce((body, part) => body.replace(part, ''), text.slice(0, loaders));
  return `export function createGlue({ TextDecoder, TextEncoder }) {
    const exports = {};
    ${body}
    return {
      Engine,
      async instantiate(module) {
        __wbg_finalize_init(await WebAssembly.instantiate(module, __wbg_get_imports()), module);
      },
    };
  }`;
}

/** What nobody here needs of the glue. */
const NEEDLESS = [
  / {8}if \(realloc === undefined\) \{[\s\S]*?\n {8}\}\n/,
  / {4}if \(!\('encodeInto' in cachedTextEncoder\)\) \{[\s\S]*?\n {4}\}\n/,
  / {4}if \(Symbol\.dispose\) .*\n/,
  /\(typeof FinalizationRegistry === 'undefined'\)\n.*\n {8}: /,
];

/** gzip and base64 are 1.5 % larger than the bytes once the server compresses the chunk; base64 alone is 31 %. */
async function data(bytes, compress) {
  const base64 = Buffer.from(compress ? await compress(await packed(bytes)) : bytes).toString('base64');
  return `export const data = ${JSON.stringify(base64)};\nexport const packed = ${Boolean(compress)};\n`;
}

let packing;

/** By what the package unpacks it with (`src/engine/packing.ts`). */
async function packed(bytes) {
  packing ??= build({ entryPoints: [`${source}packing.ts`], format: 'esm', write: false });
  const [{ contents }] = (await packing).outputFiles;
  const { pack } = await import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
  return pack(bytes);
}

/** For esbuild. */
export function esbuildPlugin(compress = COMPRESSION.none) {
  return {
    name: 'ancp-wasm',
    setup(build) {
      build.onResolve({ filter: /^virtual:ancp-wasm\// }, ({ path }) => ({ path, namespace: 'ancp-wasm' }));
      build.onLoad({ filter: /.*/, namespace: 'ancp-wasm' }, async ({ path }) => ({
        contents: await virtualModule(path, compress),
        loader: 'js',
      }));
    },
  };
}

/** For Vite. */
export function vitePlugin() {
  return {
    name: 'ancp-wasm',
    resolveId: (id) => (id.startsWith('virtual:ancp-wasm/') ? `\0${id}` : undefined),
    load: (id) => (id.startsWith('\0virtual:ancp-wasm/') ? virtualModule(id.slice(1), COMPRESSION.fast) : undefined),
  };
}
