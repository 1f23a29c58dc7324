import { createGlue } from 'virtual:ancp-wasm/full/glue';
import { AncpError } from '../error.js';
import type { Source } from './module.js';

/** @internal */
export const noStore = true;

/** @internal */
export const hasPlain = false;

/**
 * Something that a WebAssembly module can be made of: a `WebAssembly.Module`, its bytes (an `ArrayBuffer` or a view of
 * one), a `Response`, or a URL. (Named loosely, as not every project has types for all of them.)
 */
export type WasmModule = object | string;

/** A module, a promise of one, or a function that gives either. */
export type WasmSource = WasmModule | PromiseLike<WasmModule> | (() => WasmModule | PromiseLike<WasmModule>);

let given: WasmSource | undefined;

/**
 * Says where the WebAssembly module comes from, before the first call: a compiled module, its bytes, a response or a URL
 * that gives them, a promise of one of these, or a function that is called when the module is needed. The module's file
 * is `@bizfirst/ancp-core/ancp.wasm`; it must be of the same version as this package.
 *
 * @example
 * ```ts
 * import { AncpClient, setWasmModule } from '@bizfirst/ancp-core/slim';
 *
 * setWasmModule(() => fetch('/assets/ancp.wasm'));
 * const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42 });
 * ```
 */
export function setWasmModule(module: WasmSource): void {
  given = module;
}

/** @internal */
export async function loadSource(): Promise<Source> {
  if (given === undefined) {
    throw new AncpError('no WebAssembly module was given: call setWasmModule first', { code: 'wasm_unavailable' });
  }
  return {
    createGlue,
    module: await compile(await (typeof given === 'function' ? (given as () => WasmModule)() : given)),
  };
}

async function compile(module: WasmModule): Promise<WebAssembly.Module> {
  if (module instanceof WebAssembly.Module) return module;
  if (typeof module === 'string' || module instanceof URL) return compile(await fetch(module));
  if ('arrayBuffer' in module) {
    const { ok, status } = module as Response;
    if (!ok) throw new Error(`the request for the module was answered with status ${status}`);
    return WebAssembly.compile(await (module as Response).arrayBuffer());
  }
  return WebAssembly.compile(module as BufferSource);
}
