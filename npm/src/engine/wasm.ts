import { AncpError, type AncpErrorOptions } from '../error.js';
import { type AncpClientOptions, invalidOptions } from '../options.js';
import {
  type Engine,
  type EngineCall,
  type Outcome,
  operationOf,
  type RunningCall,
  type Tokens,
  VERBS,
} from './engine.js';
import { Host, type HostEvents } from './host.js';
import type { Instance } from './instance.js';
import { callLines, clientLines, credential } from './lines.js';
import type { RawEngine } from './module.js';
import { Slots } from './slots.js';

/** An error as `wasm/src/text.rs` writes it. */
type ErrorText = AncpErrorOptions & { readonly message: string; readonly cause?: number };

/** A call's payload, and where its outcome goes. */
interface Entry {
  readonly call: EngineCall;
  readonly outcome: Outcome;
  /** The op that lets a stream go on. */
  pull: number;
  /** The result, parsed, until the engine says that it is the outcome. */
  result: unknown;
}

/** The engine in WebAssembly: one client's share of an instance. */
export class WasmEngine implements Engine, HostEvents {
  readonly #instance: Instance;
  readonly #host: Host;
  readonly #raw: RawEngine;
  readonly #calls = new Slots<Entry>();
  /** How many calls into the module are on the stack. */
  #depth = 0;
  #closed = false;
  #freed = false;

  /** @throws AncpError Where an option can't be written in a line. */
  constructor(options: AncpClientOptions, instance: Instance, noStore: boolean, tokens: Tokens) {
    const lines = clientLines(options);
    this.#instance = instance;
    const { fetch, payer } = options;
    const [, source] = credential(options.auth) ?? [];
    this.#host = new Host({ fetch, noStore, credential: source, payer, tokens }, this);
    this.#raw = new instance.Engine(this.#host, lines);
  }

  get full(): boolean {
    return this.#instance.full;
  }

  get alive(): boolean {
    return this.#instance.alive;
  }

  start(call: EngineCall, outcome: Outcome): RunningCall {
    let options: string;
    try {
      options = callLines(call);
    } catch (error) {
      outcome.fail(error instanceof AncpError ? error : invalidOptions('the call cannot be made', error));
      return { pull() {}, cancel() {} };
    }
    const entry: Entry = { call, outcome, pull: 0, result: undefined };
    const number = this.#calls.add(entry);
    // Now already, as a trap may come before this returns.
    this.#instance.engines.add(this);
    const task = this.#enter(() => this.#raw.start(number, VERBS.indexOf(call.verb), call.name, options));
    return {
      pull: () => this.#enter(() => this.#raw.fired(entry.pull)),
      cancel: () => {
        if (this.#calls.delete(number)) this.#enter(() => this.#raw.cancel(task as number));
      },
    };
  }

  retire(): void {
    this.#closed = true;
    if (this.#depth === 0) this.#rest();
  }

  close(): void {
    this.#closed = true;
    this.#calls.drain();
    this.#enter(() => this.#raw.close());
  }

  /** Ends all calls with an error: the instance has trapped. */
  abandon(error: AncpError): void {
    this.#host.cancelAll();
    for (const { outcome } of this.#calls.drain()) outcome.fail(error);
  }

  payload(call: number): string {
    return this.#calls.get(call)?.call.payload ?? 'null';
  }

  parse(call: number, payload: string): boolean {
    const entry = this.#calls.get(call);
    const result = parsed(payload);
    if (entry) entry.result = result;
    return result !== undefined;
  }

  progress(call: number, text: string, op: number): boolean {
    const entry = this.#calls.get(call);
    const value = parsed(text);
    if (entry && value !== undefined) {
      entry.pull = op;
      entry.outcome.progress(value);
    }
    return value !== undefined;
  }

  settle(call: number, ok: boolean, text: string): void {
    const entry = this.#calls.get(call);
    if (!entry) return;
    this.#calls.delete(call);
    if (ok) entry.outcome.succeed(text ? this.#result(text, entry) : entry.result);
    else entry.outcome.fail(this.#error({ operation: operationOf(entry.call), ...JSON.parse(text) }));
  }

  complete(run: (engine: RawEngine) => void): void {
    this.#enter(() => run(this.#raw));
  }

  #result(text: string, { call }: Entry): unknown {
    const result: unknown = JSON.parse(text);
    if (call.verb !== 'invokeAll') return result;
    const members = result as readonly { readonly error?: ErrorText }[];
    return members.map((member) => (member.error ? { ...member, error: this.#error(member.error) } : member));
  }

  #error({ message, cause, ...rest }: ErrorText): AncpError {
    if (cause === undefined) return new AncpError(message, rest);
    const thrown = this.#host.cause(cause);
    // What the user's `fetch` says in the words of the contract is not said again in others.
    if (rest.code === 'network' && thrown instanceof AncpError) return thrown;
    return new AncpError(message, { ...rest, cause: thrown });
  }

  /** Calls into the module. What it throws is a trap: nothing of the instance can be used any more. */
  #enter<Result>(run: () => Result): Result | undefined {
    if (!this.#instance.alive || this.#freed) return undefined;
    this.#depth += 1;
    try {
      return run();
    } catch (error) {
      this.#instance.abandon(error);
      return undefined;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#rest();
    }
  }

  /** Sees to it that the engine lives while it has work, though nobody but its client may hold it, and not longer. */
  #rest(): void {
    const { engines, alive } = this.#instance;
    if (!this.#calls.isEmpty || this.#host.busy) return;
    this.#host.rest();
    engines.delete(this);
    if (this.#closed && alive) {
      this.#freed = true;
      this.#raw.free();
    }
  }
}

/** What a JSON text means; `undefined` where it is none: the engine finds out what is wrong with it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
