import {
  type Engine,
  type EngineCall,
  isPlain,
  type LoadEngine,
  type Outcome,
  operationOf,
  type RunningCall,
  type Tokens,
} from './engine/engine.js';
import { Slots } from './engine/slots.js';
import { AncpError } from './error.js';
import type { AncpClientOptions } from './options.js';

/** The life of a client: it loads the engine at the first call, runs calls on it, and ends them when it is closed. */
export class Session {
  readonly #options: AncpClientOptions;
  readonly #load: LoadEngine;
  readonly #calls = new Slots<Call>();
  /** The engine of plain calls, until there is one for everything. */
  #engine: Engine | undefined;
  /** That one, and the one that it has replaced. */
  readonly #engines = new Set<Engine>();
  readonly #tokens: Tokens = {};
  /** Engines on their way, by whether they must be able to do everything. */
  readonly #loading = new Map<boolean, Promise<void>>();
  #closed = false;

  constructor(options: AncpClientOptions, load: LoadEngine) {
    this.#options = options;
    this.#load = load;
  }

  /**
   * Begins a call. It is told its outcome in any case, also when the client is closed or the signal aborted already, in
   * which case nothing is sent.
   *
   * @param call The call, or what was wrong with its description.
   */
  start(call: EngineCall | AncpError, signal: AbortSignal | undefined, outcome: Outcome): RunningCall {
    if (call instanceof AncpError) {
      outcome.fail(call);
      return NOT_RUNNING;
    }
    if (signal && typeof signal.addEventListener !== 'function') {
      outcome.fail(
        new AncpError("signal: is no AbortSignal; pass the controller's `signal`", { code: 'invalid_options' }),
      );
      return NOT_RUNNING;
    }
    let number = 0;
    const running = new Call(call, signal, outcome, () => this.#calls.delete(number));
    if (this.#closed) {
      running.fail(new AncpError('the client is closed', { code: 'closed', operation: operationOf(call) }));
    } else if (signal?.aborted) {
      running.abort('the call was aborted before it began', signal.reason);
    } else {
      number = this.#calls.add(running);
      running.listen();
      this.#begin(running);
    }
    return running;
  }

  /** Loads an engine that can do everything, unless there is one. */
  async preload(): Promise<void> {
    if (this.#closed) throw new AncpError('the client is closed', { code: 'closed' });
    if (this.#engine?.alive && this.#engine.full) return;
    try {
      await (this.#loading.get(true) ?? this.#loadEngine(true));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Ends all calls with `aborted`; later ones get `closed`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#calls.drain()) call.abort('the client was closed', undefined);
    for (const engine of this.#engines) engine.close();
    this.#engines.clear();
    this.#engine = undefined;
  }

  #begin(call: Call): void {
    if (this.#closed) return;
    const full = !call.isPlain;
    if (this.#engine?.alive && (this.#engine.full || !full)) {
      // Without a detour over a promise: the request leaves before the caller's next line.
      call.begin(this.#engine);
      return;
    }
    // What is on its way and can do everything serves plain calls, too.
    const wanted = full || this.#loading.has(true);
    const loading = this.#loading.get(wanted) ?? this.#loadEngine(wanted);
    loading.then(
      // By the best that there is now. What has come may have trapped already: then there will be another.
      () => this.#begin(call),
      (error: unknown) => (wanted === full ? call.fail(unavailable(error)) : this.#begin(call)),
    );
  }

  #loadEngine(full: boolean): Promise<void> {
    const loading = this.#load(this.#options, full, this.#tokens).then(
      (engine) => {
        this.#loading.delete(full);
        // Closed in the meantime: there are no calls left.
        if (this.#closed) engine.close();
        else if (this.#engine?.alive && this.#engine.full) engine.retire();
        else this.#use(engine);
      },
      (error: unknown) => {
        // The next call tries again.
        this.#loading.delete(full);
        throw error;
      },
    );
    this.#loading.set(full, loading);
    return loading;
  }

  #use(engine: Engine): void {
    // The calls that run there still get their outcomes.
    for (const replaced of this.#engines) {
      replaced.retire();
      if (!replaced.alive) this.#engines.delete(replaced);
    }
    this.#engines.add(engine);
    this.#engine = engine;
  }
}

const NOT_RUNNING: RunningCall = { pull() {}, cancel() {} };

/** One call, from before the engine is loaded until its outcome is told. */
class Call implements RunningCall, Outcome {
  readonly #call: EngineCall;
  readonly #signal: AbortSignal | undefined;
  readonly #outcome: Outcome;
  readonly #settled: () => void;
  readonly #onAbort = () => this.abort('the call was aborted', this.#signal?.reason);
  #running: RunningCall | undefined;
  #done = false;
  /** Whether the engine has it, and may have sent something. */
  #begun = false;

  constructor(call: EngineCall, signal: AbortSignal | undefined, outcome: Outcome, settled: () => void) {
    this.#call = call;
    this.#signal = signal;
    this.#outcome = outcome;
    this.#settled = settled;
  }

  listen(): void {
    this.#signal?.addEventListener('abort', this.#onAbort);
  }

  get isPlain(): boolean {
    return isPlain(this.#call);
  }

  begin(engine: Engine): void {
    if (this.#done) return;
    this.#begun = true;
    const running = engine.start(this.#call, this);
    // The user's `fetch` may have aborted or closed in the meantime.
    if (this.#done) running.cancel();
    else this.#running = running;
  }

  pull(): void {
    this.#running?.pull();
  }

  cancel(): void {
    if (!this.#end()) return;
    this.#running?.cancel();
  }

  abort(message: string, cause: unknown): void {
    if (!this.#end()) return;
    this.#running?.cancel();
    this.#outcome.fail(
      new AncpError(message, {
        code: 'aborted',
        operation: operationOf(this.#call),
        mayHaveBeenDelivered: this.#begun,
        ...(cause === undefined ? {} : { cause }),
      }),
    );
  }

  progress(value: unknown): void {
    if (!this.#done) this.#outcome.progress(value);
  }

  succeed(value: unknown): void {
    if (this.#end()) this.#outcome.succeed(value);
  }

  fail(error: AncpError): void {
    if (this.#end()) this.#outcome.fail(error);
  }

  #end(): boolean {
    if (this.#done) return false;
    this.#done = true;
    // A signal may outlive thousands of calls.
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#settled();
    return true;
  }
}

function unavailable(error: unknown): AncpError {
  return error instanceof AncpError
    ? error
    : new AncpError('the engine could not be started', { code: 'wasm_unavailable', cause: error });
}
