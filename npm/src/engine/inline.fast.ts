export { data } from 'virtual:ancp-wasm/fast/data';
export { createGlue } from 'virtual:ancp-wasm/fast/glue';
