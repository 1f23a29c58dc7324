import { AncpError } from '../error.js';
import { type AncpClientOptions, invalidOptions } from '../options.js';
import type { LoadEngine, Tokens } from './engine.js';
import { Instance } from './instance.js';
import type { Part, Source } from './module.js';
import { hasPlain, loadSource, noStore } from './source.js';
import { WasmEngine } from './wasm.js';

/** What has been loaded of each module. */
const sources: Partial<Record<Part, Promise<Source>>> = {};
const instances: Partial<Record<Part, Promise<Instance>>> = {};
/** The latest instance that can do everything. */
let whole: Instance | undefined;

/**
 * Makes an engine for a client. A module is loaded and compiled once; clients share its instance, and one that has
 * trapped is replaced by a fresh one. What fails is tried again at the next call.
 */
export const loadEngine: LoadEngine = async (options, full, tokens) => {
  // What is there already need not be loaded in another form.
  const part = full || whole?.alive ? 'full' : partFor(options);
  for (;;) {
    instances[part] ??= instantiate(part);
    const loading = instances[part];
    const shared = await loading;
    if (shared.full) whole = shared;
    if (shared.alive) return make(options, shared, tokens);
    if (instances[part] === loading) delete instances[part];
  }
};

/**
 * What a client's plain calls need: everything, where addresses, payment, DIDs or other origins are among its options, or
 * what is about streams, which it will have.
 */
function partFor(options: AncpClientOptions): Part {
  try {
    const { address, payer, auth, credentialOrigins, livenessTimeout, idleTimeout } = options;
    const did = (auth as { did?: unknown } | undefined)?.did;
    const more = [address, payer, did, credentialOrigins?.length || undefined, livenessTimeout, idleTimeout];
    return hasPlain && more.every((option) => option === undefined || option === null) ? 'plain' : 'full';
  } catch (error) {
    throw invalidOptions('the options cannot be read', error);
  }
}

function make(options: AncpClientOptions, shared: Instance, tokens: Tokens): WasmEngine {
  try {
    return new WasmEngine(options, shared, noStore, tokens);
  } catch (error) {
    if (error instanceof AncpError) throw error;
    // A trap leaves the instance unusable.
    if (error instanceof WebAssembly.RuntimeError) throw shared.abandon(error);
    throw invalidOptions('the options cannot be read', error);
  }
}

async function instantiate(part: Part): Promise<Instance> {
  try {
    sources[part] ??= loadSource(part);
    return await Instance.create(await sources[part], part);
  } catch (error) {
    delete sources[part];
    delete instances[part];
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
