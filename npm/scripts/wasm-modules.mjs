// The WebAssembly module and its glue as virtual modules, for the build (esbuild) and the tests (Vite).

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../../target/wasm-pkg/', import.meta.url));

export const wasmFile = `${folder}ancp_wasm_bg.wasm`;

/** The source of a virtual module. */
export function virtualModule(name, { gzipped = true } = {}) {
  if (!existsSync(wasmFile)) throw new Error('target/wasm-pkg is not there: run `cargo xtask build` first');
  if (name === 'virtual:ancp-wasm/glue') return glue(readFileSync(`${folder}ancp_wasm.js`, 'utf8'));
  if (name === 'virtual:ancp-wasm/data') return data(readFileSync(wasmFile), gzipped);
  throw new Error(`there is no ${name}`);
}

/**
 * wasm-bindgen's glue keeps its state in variables around its functions: one copy could serve one instance only. So it
 * becomes a function that makes a new copy. Its loaders for files, URLs and old parameters go, as nobody calls them.
 */
function glue(text) {
  const tail = 'return Object.assign(__wbg_init, { initSync }, exports);';
  const head = 'let wasm_bindgen = (function(exports) {';
  if (!text.startsWith(head) || !text.includes(tail)) throw new Error('this version of wasm-bindgen writes other glue');
  const body = text.replace(
    tail,
    `return {
      Engine,
      async instantiate(module) {
        __wbg_finalize_init(await WebAssembly.instantiate(module, __wbg_get_imports()), module);
      },
    };`,
  );
  return `export function createGlue(ancpPanicked, { TextDecoder, TextEncoder }) {\n${body}\nreturn wasm_bindgen;\n}\n`;
}

/** gzip and base64 are 1.5 % larger than the bytes once the server compresses the chunk; base64 alone is 31 %. */
function data(bytes, gzipped) {
  const base64 = (gzipped ? gzipSync(bytes, { level: 9 }) : bytes).toString('base64');
  return `export const data = ${JSON.stringify(base64)};\nexport const gzipped = ${gzipped};\n`;
}

/** For esbuild. */
export function esbuildPlugin(options) {
  return {
    name: 'ancp-wasm',
    setup(build) {
      build.onResolve({ filter: /^virtual:ancp-wasm\// }, ({ path }) => ({ path, namespace: 'ancp-wasm' }));
      build.onLoad({ filter: /.*/, namespace: 'ancp-wasm' }, ({ path }) => ({
        contents: virtualModule(path, options),
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
    load: (id) => (id.startsWith('\0virtual:ancp-wasm/') ? virtualModule(id.slice(1)) : undefined),
  };
}
