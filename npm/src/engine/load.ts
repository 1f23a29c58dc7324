import { AncpError } from '../error.js';
import { type AncpClientOptions, invalidOptions } from '../options.js';
import type { LoadEngine } from './engine.js';
import { Instance } from './instance.js';
import type { Source } from './module.js';
import { loadSource, noStore } from './source.js';
import { WasmEngine } from './wasm.js';

let source: Promise<Source> | undefined;
let instance: Promise<Instance> | undefined;

/**
 * Makes an engine for a client. The module is loaded and compiled once; clients share its instance, and one that has
 * trapped is replaced by a fresh one. What fails is tried again at the next call.
 */
export const loadEngine: LoadEngine = async (options) => {
  for (;;) {
    instance ??= instantiate();
    const loading = instance;
    const shared = await loading;
    if (shared.alive) return make(options, shared);
    if (instance === loading) instance = undefined;
  }
};

function make(options: AncpClientOptions, shared: Instance): WasmEngine {
  try {
    return new WasmEngine(options, shared, noStore);
  } catch (error) {
    if (error instanceof AncpError) throw error;
    // A trap leaves the instance unusable.
    if (error instanceof WebAssembly.RuntimeError) throw shared.abandon(error);
    throw invalidOptions('the options cannot be read', error);
  }
}

async function instantiate(): Promise<Instance> {
  try {
    source ??= loadSource();
    return await Instance.create(await source);
  } catch (error) {
    source = undefined;
    instance = undefined;
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): AncpError {
  if (cause instanceof AncpError) return cause;
  const message =
    typeof WebAssembly === 'undefined'
      ? 'there is no WebAssembly in this environment'
      : `WebAssembly could not be started (${cause}). Where a Content-Security-Policy is set, its script-src must allow 'wasm-unsafe-eval'; where modules can't be compiled at run time, use @bizfirst/ancp-core/slim`;
  return new AncpError(message, { code: 'wasm_unavailable', cause });
}
