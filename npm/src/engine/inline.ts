export { data, gzipped } from 'virtual:ancp-wasm/data';
export { createGlue } from 'virtual:ancp-wasm/glue';
