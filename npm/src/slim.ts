/**
 * The same as `@bizfirst/ancp-core`, without the WebAssembly module: the application says where that comes from.
 *
 * @packageDocumentation
 */

export * from './api.js';
export { setWasmModule, type WasmModule, type WasmSource } from './engine/source.slim.js';
