export { data, packed } from 'virtual:ancp-wasm/plain/data';
export { createGlue } from 'virtual:ancp-wasm/plain/glue';
