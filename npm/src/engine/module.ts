import type { Host } from './host.js';
import type { TextCodec } from './text.js';

/** The class that the WebAssembly module exports (`wasm/src/full/engine.rs`, `wasm/src/plain/mod.rs`). */
export interface RawEngine {
  start(call: number, verb: number, name: string, options: string): number;
  cancel(task: number): void;
  close(): void;
  /** Releases its memory. Not from within one of its methods. */
  free(): void;
  answered(op: number, status: number, headers: string, body: Uint8Array): void;
  opened(op: number, status: number, headers: string): void;
  read(op: number, bytes: Uint8Array | undefined): void;
  fired(op: number): void;
  token(op: number, token: string): void;
  failed(op: number, kind: number, message: string, cause: number): void;
}

/** The module's glue: a new closure, and so new state, for every instance. */
export type CreateGlue = (codec: TextCodec) => {
  readonly Engine: new (host: Host, options: string) => RawEngine;
  /** To be called before the class is used. */
  instantiate(module: WebAssembly.Module): Promise<void>;
};

/** What a module can do: plain calls of one node, or everything. */
export type Part = 'plain' | 'full';

/** Everything that an instance is made of. */
export interface Source {
  readonly module: WebAssembly.Module;
  readonly createGlue: CreateGlue;
}
