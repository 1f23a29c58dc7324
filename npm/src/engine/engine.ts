import type { AncpError } from '../error.js';
import type { AncpClientOptions } from '../options.js';

/** What an engine can be asked to do. */
export type Verb =
  | 'invoke'
  | 'fireAndForget'
  | 'stream'
  | 'startTask'
  | 'getTask'
  | 'waitForTask'
  | 'cancelTask'
  | 'provideInput'
  | 'discover'
  | 'invokeAll';

/** One call, described in plain values that cross into WebAssembly cheaply. */
export interface EngineCall {
  readonly verb: Verb;
  /** The action or the task's id; empty where the verb has neither. */
  readonly name: string;
  /** The payload as JSON text. */
  readonly payload: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly correlationId: string | undefined;
  readonly receiptId: string | undefined;
  /** An address in its string form. */
  readonly address: string | undefined;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  /** Of a wait only. */
  readonly pollIntervalMs: number | undefined;
  /** Of a wait only. */
  readonly timeoutMs: number | undefined;
}

/** Where the outcome of a call goes: any number of `progress`, then one `succeed` or `fail`. They must not throw. */
export interface Outcome {
  /** A stream's next chunks as an array, or a task's status. */
  progress(value: unknown): void;
  /** The result; of a stream the summary; of all members their outcomes. */
  succeed(value: unknown): void;
  /** Why there is no result. */
  fail(error: AncpError): void;
}

/** A call that has been started. */
export interface RunningCall {
  /** Asks a stream for more chunks; its start asks for the first. One answer comes for each. */
  pull(): void;
  /** Ends the call and the work underneath. Nothing is told to its outcome afterwards. */
  cancel(): void;
}

/**
 * Carries out calls. It is the only thing that the public classes know of WebAssembly, which another implementation
 * could take the place of.
 */
export interface Engine {
  /** Whether it can be used. One that is not is replaced at the next call. */
  readonly alive: boolean;
  /** Whether it can do everything, or plain calls only ({@link isPlain}). */
  readonly full: boolean;
  /** Begins a call. The outcome may be told before this returns. */
  start(call: EngineCall, outcome: Outcome): RunningCall;
  /** Ends all calls without telling their outcomes, and releases what the engine holds. */
  close(): void;
  /** Says that no call will begin any more: what the engine holds is released once those that run have ended. */
  retire(): void;
}

/** What the engines of one client share: the token that its function gives. */
export interface Tokens {
  /** What the function is about to give, and since when, in milliseconds. */
  asked?: { readonly at: number; readonly answer: Promise<unknown> } | undefined;
  /** What it gave last. */
  latest?: unknown;
}

/**
 * Makes an engine for a client, which must be able to do everything, or plain calls only. Rejects with `invalid_options`
 * or `wasm_unavailable`.
 */
export type LoadEngine = (options: AncpClientOptions, full: boolean, tokens: Tokens) => Promise<Engine>;

/** Whether it is a call of one node, the client's own, that has one answer. */
export function isPlain({ verb, address }: EngineCall): boolean {
  return address === undefined && (verb === 'invoke' || verb === 'fireAndForget');
}

/** The operation as errors name it. */
export function operationOf({ verb, name }: EngineCall): string {
  const words = OPERATIONS[verb];
  return words.endsWith(' ') ? words + name : words;
}

/** What ends in a space is followed by the action. In the order of `carry_out` in `wasm/src/full/call.rs`. */
const OPERATIONS: Record<Verb, string> = {
  invoke: 'invoke ',
  fireAndForget: 'fire and forget ',
  stream: 'stream ',
  startTask: 'start task ',
  getTask: 'task status',
  waitForTask: 'wait for task',
  cancelTask: 'cancel task',
  provideInput: 'task input',
  discover: 'discover',
  invokeAll: 'invoke all ',
};

/** By the numbers under which they cross. */
export const VERBS = Object.keys(OPERATIONS) as readonly Verb[];
