export { data, packed } from 'virtual:ancp-wasm/full/data';
export { createGlue } from 'virtual:ancp-wasm/full/glue';
