import { AncpError } from '../error.js';
import type { CreateGlue, Part, Source } from './module.js';
import { textCodec } from './text.js';
import type { WasmEngine } from './wasm.js';

/** One instance of the module, which the engines of all clients share until it traps. */
export class Instance {
  readonly Engine: ReturnType<CreateGlue>['Engine'];
  /** Those that have something to do. */
  readonly engines = new Set<WasmEngine>();
  alive = true;
  /** Whether it can do everything, or plain calls only. */
  readonly full: boolean;

  private constructor({ Engine }: ReturnType<CreateGlue>, full: boolean) {
    this.Engine = Engine;
    this.full = full;
  }

  /** Instantiates a module. Each instance has glue of its own, whose state a trap would leave in disorder. */
  static async create({ module, createGlue }: Source, part: Part): Promise<Instance> {
    const glue = createGlue(textCodec());
    await glue.instantiate(module);
    return new Instance(glue, part === 'full');
  }

  /** Gives the instance up after a trap: every call that runs in it fails. */
  abandon(cause: unknown): AncpError {
    const error = new AncpError(`the engine failed: ${cause}`, {
      code: 'wasm_unavailable',
      mayHaveBeenDelivered: true,
      cause,
    });
    if (this.alive) {
      this.alive = false;
      for (const engine of this.engines) engine.abandon(error);
      this.engines.clear();
    }
    return error;
  }
}
