import type { ActionMap, ActionName, AnyAction, ChunkOf, PayloadOf, ResultOf, UntypedActions } from '../actions.js';
import { AncpClient } from '../client.js';
import type { Engine } from '../engine/engine.js';
import { loadEngine } from '../engine/load.js';
import type { AncpError } from '../error.js';
import type { AncpClientOptions } from '../options.js';
import type { PaymentTerms } from '../payment.js';
import type { CapturedCall } from './message.js';
import { FakeNode } from './node.js';
import { type FakeChunks, FakeStream, type FakeStreamOptions } from './stream.js';
import { FakeTask, type FakeTaskHandler, type FakeTaskStep } from './task.js';

/** A response, or a function that makes it of the payload. */
export type FakeResponse<Payload, Result> =
  | Result
  | ((payload: Payload, call: CapturedCall) => Result | PromiseLike<Result>);

/** Options of {@link FakeAncpClient.setupResponse} and {@link FakeAncpClient.setupError}. */
export interface FakeResponseOptions {
  /** The time before the answer, in milliseconds. Default 0. */
  readonly delayMs?: number;
}

/** The engine, for calls to addresses that the fake itself knows the node of. */
async function loadFake(options: AncpClientOptions, node: FakeNode): Promise<Engine> {
  const engine = await loadEngine({ ...options, address: node.locate(options.address) }, true, {});
  return {
    full: true,
    get alive() {
      return engine.alive;
    },
    start(call, outcome) {
      try {
        return engine.start({ ...call, address: node.locate(call.address) }, outcome);
      } catch (error) {
        outcome.fail(error as AncpError);
        return { pull() {}, cancel() {} };
      }
    },
    close: () => engine.close(),
    retire: () => engine.retire(),
  };
}

/** The system's actions: they answer by themselves, and can be set up otherwise. */
type SystemAction = `ancp.${string}`;

/**
 * A client for tests: the real one, over a node in memory that says what the test has set up. Payloads are checked,
 * written and read, errors made and timers run as with a real node, but nothing waits for the network.
 *
 * The fake is every node that is addressed, in whichever way; a group has it as its one member. Which address a call was
 * for, `capturedCalls` tells.
 *
 * Actions that were not set up reject with `action_not_found`, and those set up for another pattern with
 * `pattern_mismatch`. The system's actions (`ping` and so on) answer by themselves. Failed calls are not repeated, unless
 * the options say so.
 *
 * @example
 * ```ts
 * import { AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
 *
 * const fake = new FakeAncpClient();
 * fake.setupResponse('get-order', { status: 'Active', total: 99.99 });
 * fake.setupError('bad-action', new AncpError('Unauthorized', 401));
 * fake.setupStream('generate-report', [{ row: 1 }, { row: 2 }]);
 * fake.setupTask('run-payroll', [{ progress: 0.5 }, { result: { totalPaid: 12 } }]);
 *
 * const result = await fake.invoke('get-order', { orderId: 'ORD-1' });
 * console.log(result.status, fake.capturedCalls[0]?.action); // 'Active' 'get-order'
 * ```
 */
export class FakeAncpClient<Actions extends ActionMap<Actions> = UntypedActions> extends AncpClient<Actions> {
  /** @internal */
  readonly _node: FakeNode;

  /** @param options As of a real client; none is needed. */
  constructor(options: Partial<Omit<AncpClientOptions, 'fetch'>> = {}) {
    const { baseUrl = 'https://fake.invalid', nodeId = 42, tenantId = '7', ...more } = options;
    const node = new FakeNode(String(baseUrl).replace(/\/$/, ''), nodeId, tenantId);
    super({ retry: false, ...more, baseUrl, nodeId, tenantId, fetch: node.fetch }, (own) => loadFake(own, node));
    this._node = node;
  }

  /** The messages that were sent, in order: each call once, however often it was tried. */
  get capturedCalls(): readonly CapturedCall[] {
    return this._node.calls;
  }

  /**
   * Says what an action answers to `invoke`, and that it accepts `fireAndForget`. What a function throws is the error of
   * the call: an `AncpError` as it is, everything else as `handler_error`.
   *
   * @example
   * ```ts
   * fake.setupResponse('add', ({ a, b }: { a: number; b: number }) => a + b);
   * ```
   */
  setupResponse<Name extends ActionName<Actions, 'request-reply' | 'fire-and-forget'>>(
    action: Name,
    response?: FakeResponse<PayloadOf<Actions, Name>, ResultOf<Actions, Name>>,
    options?: FakeResponseOptions,
  ): this;
  setupResponse<Payload>(
    action: AnyAction<Actions> | SystemAction,
    respond: (payload: Payload, call: CapturedCall) => unknown,
    options?: FakeResponseOptions,
  ): this;
  setupResponse(action: AnyAction<Actions> | SystemAction, response?: unknown, options?: FakeResponseOptions): this;
  setupResponse(action: string, response?: unknown, { delayMs }: FakeResponseOptions = {}): this {
    const respond =
      typeof response === 'function' ? (call: CapturedCall) => response(call.payload, call) : () => response;
    this._node.set(action, { kind: 'response', respond, delayMs });
    return this;
  }

  /** Lets every call of an action fail, whatever its pattern. An error without a status stands for one on the way. */
  setupError(
    action: ActionName<Actions> | AnyAction<Actions> | SystemAction,
    error: AncpError,
    { delayMs }: FakeResponseOptions = {},
  ): this {
    this._node.set(action, { kind: 'error', error, delayMs });
    return this;
  }

  /**
   * Gives an action a price. Calls without a receipt reject with `payment_required`, and `pay` gives a receipt for any
   * transaction, once. `setupError('ancp.pay', …)` makes it refuse instead.
   *
   * @param priceUsdc A decimal string.
   * @param terms What the 402 says, where it matters.
   *
   * @example
   * ```ts
   * const paying = new FakeAncpClient({
   *   payer: { pay: async () => ({ txHash: '0x1', payer: '0x2' }), maxPerCall: '5', maxTotal: '5' },
   * });
   * paying.setupResponse('run-report', { rows: 3 }).setupPrice('run-report', '5.00');
   * const { rows } = await paying.invoke('run-report'); // paid
   * ```
   */
  setupPrice(
    action: ActionName<Actions> | AnyAction<Actions>,
    priceUsdc: string,
    terms: Partial<Omit<PaymentTerms, 'action' | 'priceUsdc'>> = {},
  ): this {
    this._node.prices.set(action, priceUsdc, terms);
    return this;
  }

  /** Says what an action streams: chunks, or a function that makes them of the payload, such as a generator. */
  setupStream<Name extends ActionName<Actions, 'streaming'>>(
    action: Name,
    chunks: FakeChunks<PayloadOf<Actions, Name>, ChunkOf<Actions, Name>>,
    options?: FakeStreamOptions,
  ): this;
  setupStream<Payload>(
    action: AnyAction<Actions>,
    chunks: FakeChunks<Payload, unknown>,
    options?: FakeStreamOptions,
  ): this;
  setupStream(action: string, chunks: FakeChunks<never, unknown>, options: FakeStreamOptions = {}): this {
    this._node.set(action, { kind: 'stream', chunks, options });
    return this;
  }

  /**
   * Sets an action up as a stream that the test drives chunk by chunk.
   *
   * @example
   * ```ts
   * const report = fake.driveStream<{ row: number }>('generate-report');
   * await report.push({ row: 1 });
   * await report.end();
   * ```
   */
  driveStream<Name extends ActionName<Actions, 'streaming'>>(action: Name): FakeStream<ChunkOf<Actions, Name>>;
  driveStream<Chunk = unknown>(action: AnyAction<Actions>): FakeStream<Chunk>;
  driveStream(action: string): FakeStream {
    const stream = new FakeStream();
    this._node.set(action, { kind: 'driven-stream', stream });
    return stream;
  }

  /**
   * Says how a task goes: its steps, one taken each time its status is asked for, or a function that does its work.
   *
   * @example
   * ```ts
   * fake.setupTask('run-payroll', async ({ month }: { month: string }, task) => {
   *   task.progress(0.5, `half of ${month}`);
   *   return { totalPaid: 12 };
   * });
   * ```
   */
  setupTask<Name extends ActionName<Actions, 'task-start'>>(
    action: Name,
    script:
      | readonly FakeTaskStep<ResultOf<Actions, Name>>[]
      | FakeTaskHandler<PayloadOf<Actions, Name>, ResultOf<Actions, Name>>,
  ): this;
  setupTask<Payload>(
    action: AnyAction<Actions>,
    script: readonly FakeTaskStep[] | FakeTaskHandler<Payload, unknown>,
  ): this;
  setupTask(action: string, script: readonly FakeTaskStep[] | FakeTaskHandler<never, unknown>): this {
    this._node.set(action, { kind: 'task', script });
    return this;
  }

  /**
   * Sets an action up as a task that the test drives through its states.
   *
   * @example
   * ```ts
   * const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
   * await payroll.progress(0.5);
   * await payroll.complete({ totalPaid: 12 });
   * ```
   */
  driveTask<Name extends ActionName<Actions, 'task-start'>>(action: Name): FakeTask<ResultOf<Actions, Name>>;
  driveTask<Result = unknown>(action: AnyAction<Actions>): FakeTask<Result>;
  driveTask(action: string): FakeTask {
    const task = new FakeTask();
    this._node.set(action, { kind: 'driven-task', task });
    return task;
  }

  /** Forgets what was set up, started and captured. */
  reset(): void {
    this._node.reset();
  }
}
