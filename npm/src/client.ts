import type {
  ActionMap,
  ActionName,
  AnyAction,
  ChunkOf,
  PayloadAndOptions,
  PayloadOf,
  ResultOf,
  UntypedActions,
} from './actions.js';
import type { EngineCall, LoadEngine, Outcome, Verb } from './engine/engine.js';
import { loadEngine } from './engine/load.js';
import { AncpError } from './error.js';
import { type AncpClientOptions, type CallOptions, headerPairs, stringify, type WaitOptions } from './options.js';
import type { PaymentInfo, PaymentReceipt, PayRequest } from './payment.js';
import { Session } from './session.js';
import { type AncpStream, StreamReader } from './stream.js';
import type {
  Capabilities,
  DiscoveryDocument,
  MemberOutcome,
  Negotiation,
  NodeStatus,
  PingResponse,
  TaskId,
  TaskStatus,
  UntypedResult,
} from './types.js';

/**
 * A client of one ANCP node.
 *
 * Making one is cheap: nothing is loaded or checked before the first call. Every method that calls the node rejects
 * with an {@link AncpError}; wrong options are reported that way, too (`invalid_options`).
 *
 * Without an action map, name types per call, payload before result: `client.invoke<OrderQuery, Order>(…)`, or the
 * result alone: `client.invoke<Order>(…)`. With one ({@link ActionMap}) names, payloads and results are checked.
 *
 * @example
 * ```ts
 * import { AncpClient } from '@bizfirst/ancp-core';
 *
 * const client = new AncpClient({
 *   baseUrl: 'https://api.example.com',
 *   nodeId: 42,
 *   auth: { apiKey: 'bfk_…' },
 * });
 * const result = await client.invoke('get-order', { orderId: 'ORD-123' });
 * console.log(result.status);
 * ```
 */
export class AncpClient<Actions extends ActionMap<Actions> = UntypedActions> {
  /**
   * A plain property, not a `#private` one: those fail behind a `Proxy`, such as a reactive state of Vue.
   * @internal
   */
  readonly _session: Session;

  /** @param options Where the node is, and how it is called. */
  constructor(options: AncpClientOptions);
  /** @internal */
  constructor(options: AncpClientOptions, load?: LoadEngine);
  constructor(options: AncpClientOptions, load = loadEngine) {
    this._session = new Session(options, load);
  }

  /**
   * Calls an action and waits for its result (request-reply).
   *
   * The payload is anything that `JSON.stringify` can write.
   *
   * @example
   * ```ts
   * const order = await client.invoke<Order>('get-order', { orderId: 'ORD-123' }, { timeout: 2000 });
   * ```
   */
  invoke<Name extends ActionName<Actions, 'request-reply'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, CallOptions>
  ): Promise<ResultOf<Actions, Name>>;
  invoke<Result = UntypedResult>(action: AnyAction<Actions>, payload?: unknown, options?: CallOptions): Promise<Result>;
  invoke<Payload, Result>(action: AnyAction<Actions>, payload: Payload, options?: CallOptions): Promise<Result>;
  invoke(action: string, payload?: unknown, options?: CallOptions): Promise<unknown> {
    return this._once('invoke', action, payload, options);
  }

  /**
   * Calls an action at every member of a group, whatever its strategy, and resolves to all their outcomes, in the order of
   * the discovery document. A member's failure, its time-out among them, is its outcome and does not end the others.
   *
   * @example
   * ```ts
   * const outcomes = await client.invokeAll('get-stock', { sku: 'A-7' }, { address: NodeAddress.fromNodeGroupId(5) });
   * for (const outcome of outcomes) {
   *   console.log(outcome.nodeId, outcome.ok ? outcome.result : outcome.error.code);
   * }
   * ```
   */
  invokeAll<Name extends ActionName<Actions, 'request-reply'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, CallOptions>
  ): Promise<MemberOutcome<ResultOf<Actions, Name>>[]>;
  invokeAll<Result = UntypedResult>(
    action: AnyAction<Actions>,
    payload?: unknown,
    options?: CallOptions,
  ): Promise<MemberOutcome<Result>[]>;
  invokeAll<Payload, Result>(
    action: AnyAction<Actions>,
    payload: Payload,
    options?: CallOptions,
  ): Promise<MemberOutcome<Result>[]>;
  invokeAll(action: string, payload?: unknown, options?: CallOptions): Promise<MemberOutcome<unknown>[]> {
    return this._once('invokeAll', action, payload, options);
  }

  /**
   * Sends a message that nobody answers (fire-and-forget). Resolves once the node has accepted it, before it acts on it.
   *
   * @example
   * ```ts
   * await client.fireAndForget('log-event', { eventType: 'user-login', userId: 7 });
   * ```
   */
  fireAndForget<Name extends ActionName<Actions, 'fire-and-forget'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, CallOptions>
  ): Promise<void>;
  fireAndForget<Payload>(action: AnyAction<Actions>, payload?: Payload, options?: CallOptions): Promise<void>;
  async fireAndForget(action: string, payload?: unknown, options?: CallOptions): Promise<void> {
    await this._once('fireAndForget', action, payload, options);
  }

  /**
   * Calls an action that answers with a stream. Nothing is sent before the first chunk is asked for.
   *
   * A connection that is lost is resumed where the node allows it. `timeout` bounds the time until the stream begins.
   *
   * @example
   * ```ts
   * for await (const chunk of client.stream('generate-report', { year: 2026 })) {
   *   console.log(chunk);
   * }
   * ```
   */
  stream<Name extends ActionName<Actions, 'streaming'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, CallOptions>
  ): AncpStream<ChunkOf<Actions, Name>, ResultOf<Actions, Name>>;
  stream<Chunk = UntypedResult>(
    action: AnyAction<Actions>,
    payload?: unknown,
    options?: CallOptions,
  ): AncpStream<Chunk>;
  stream<Payload, Chunk>(action: AnyAction<Actions>, payload: Payload, options?: CallOptions): AncpStream<Chunk>;
  stream(action: string, payload?: unknown, options?: CallOptions): AncpStream<unknown> {
    // Described now, so that later changes to the payload do not matter, and started when it is read.
    const call = describe('stream', action, payload, options);
    return new StreamReader((outcome) => this._session.start(call, options?.signal, outcome));
  }

  /**
   * Starts a long-running task and resolves to its id as soon as the node has it.
   *
   * @example
   * ```ts
   * const taskId = await client.startTask('run-payroll', { month: '2026-03' });
   * const finalStatus = await client.waitForTask(taskId, { pollIntervalMs: 2000 });
   * console.log(finalStatus.state); // 'Completed'
   * ```
   */
  startTask<Name extends ActionName<Actions, 'task-start'>>(
    action: Name,
    ...rest: PayloadAndOptions<PayloadOf<Actions, Name>, CallOptions>
  ): Promise<TaskId<ResultOf<Actions, Name>>>;
  startTask<Payload, Result = UntypedResult>(
    action: AnyAction<Actions>,
    payload?: Payload,
    options?: CallOptions,
  ): Promise<TaskId<Result>>;
  async startTask(action: string, payload?: unknown, options?: CallOptions): Promise<TaskId<never>> {
    const status = await this._once<TaskStatus>('startTask', action, payload, options);
    return status.taskId;
  }

  /** What the node says about a task now. */
  getTask<Result = UntypedResult>(taskId: TaskId<Result> | string, options?: CallOptions): Promise<TaskStatus<Result>> {
    return this._once('getTask', taskId, undefined, options);
  }

  /**
   * Waits until a task is in a final state, and resolves to its status for all four of them: look at `state`. Rejects for
   * a timeout, an abort, or when the node has no such task for this caller. None of these touches the task itself.
   *
   * @example
   * ```ts
   * const status = await client.waitForTask<{ totalPaid: number }>(taskId, {
   *   timeoutMs: 120_000,
   *   onProgress: ({ progress }) => console.log(progress),
   * });
   * if (status.state === 'Completed') console.log(status.result?.totalPaid);
   * ```
   */
  waitForTask<Result = UntypedResult>(
    taskId: TaskId<Result> | string,
    options?: WaitOptions<TaskStatus<Result>>,
  ): Promise<TaskStatus<Result>> {
    const { onProgress, pollIntervalMs, timeoutMs } = options ?? {};
    const call = describe('waitForTask', taskId, undefined, options, pollIntervalMs, timeoutMs);
    return new Promise((resolve, reject) => {
      const running = this._session.start(call, options?.signal, {
        ...settled(resolve, reject),
        progress: (status) => {
          if (!onProgress) return;
          // Later, because the engine is at work below this, and the callback may do as it likes.
          queueMicrotask(() => {
            try {
              onProgress(status as TaskStatus<Result>);
            } catch (error) {
              running.cancel();
              reject(error);
            }
          });
        },
      });
    });
  }

  /** Asks the node to cancel a task, and resolves to its status then. A finished task stays as it is. */
  cancelTask<Result = UntypedResult>(
    taskId: TaskId<Result> | string,
    options?: CallOptions,
  ): Promise<TaskStatus<Result>> {
    return this._once('cancelTask', taskId, undefined, options);
  }

  /**
   * Gives a task the input that it waits for (state `InputRequired`); otherwise it rejects with `task_not_waiting`.
   *
   * @example
   * ```ts
   * await client.provideInput(taskId, { approved: true });
   * ```
   */
  provideInput<Result = UntypedResult>(
    taskId: TaskId<Result> | string,
    input: unknown,
    options?: CallOptions,
  ): Promise<TaskStatus<Result>> {
    return this._once('provideInput', taskId, input, options);
  }

  /** Asks whether the node is there. Needs no credential. */
  ping(options?: CallOptions): Promise<PingResponse> {
    return this._once('invoke', 'ancp.ping', undefined, options);
  }

  /** The actions that the node offers. */
  getCapabilities(options?: CallOptions): Promise<Capabilities> {
    return this._once('invoke', 'ancp.capabilities', undefined, options);
  }

  /**
   * Asks which of some actions the node has.
   *
   * @example
   * ```ts
   * const { missing } = await client.negotiate(['get-order', 'run-payroll']);
   * ```
   */
  negotiate(
    actions: readonly (ActionName<Actions> | AnyAction<Actions>)[],
    options?: CallOptions,
  ): Promise<Negotiation> {
    return this._once('invoke', 'ancp.negotiate', { actions }, options);
  }

  /** How the node is doing: its environment, its model, whether it takes calls. */
  getStatus(options?: CallOptions): Promise<NodeStatus> {
    return this._once('invoke', 'ancp.status', undefined, options);
  }

  /** What actions cost, and how the node is paid. */
  getPaymentInfo(options?: CallOptions): Promise<PaymentInfo> {
    return this._once('invoke', 'ancp.payment-info', undefined, options);
  }

  /**
   * Turns a payment into a receipt for an action. A client with a `payer` does this by itself.
   *
   * Rejects with `payment_required` where the node does not take the transaction; `paymentReason` says why. While that is
   * `unconfirmed`, the error is `retryable`.
   *
   * @example
   * ```ts
   * const { receiptId } = await client.pay({ action: 'run-payroll', txHash: '0x5c50…', payer: '0x5290…' });
   * const taskId = await client.startTask('run-payroll', { month: '2026-03' }, { receiptId });
   * ```
   */
  pay({ action, txHash, payer }: PayRequest, options?: CallOptions): Promise<PaymentReceipt> {
    return this._once('invoke', 'ancp.pay', { action, txHash, payer }, options);
  }

  /** The discovery document of the base URL (`/.well-known/ncp.json`), with all its nodes. */
  discover(options?: CallOptions): Promise<DiscoveryDocument> {
    return this._once('discover', '', undefined, options);
  }

  /**
   * Loads what calls of every kind take, now rather than with the first of them. Without it, the first `invoke` or
   * `fireAndForget` loads a smaller part, and the first stream, task, address or payment the whole: a page that does both
   * downloads less by this.
   *
   * Rejects with `wasm_unavailable`, `invalid_options` or `closed`.
   *
   * @example
   * ```ts
   * const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42 });
   * await client.preload();
   * ```
   */
  preload(): Promise<void> {
    return this._session.preload();
  }

  /**
   * Ends what is running (it rejects with `aborted`; streams are ended at the node) and releases the client's memory.
   * Later calls reject with `closed`. Closing twice is allowed.
   */
  close(): void {
    this._session.close();
  }

  /** @internal */
  _once<Result>(verb: Verb, name: string, payload: unknown, options?: CallOptions): Promise<Result> {
    const call = describe(verb, name, payload, options);
    return new Promise((resolve, reject) => {
      this._session.start(call, options?.signal, settled(resolve, reject));
    });
  }
}

/** Describes a call in the engine's terms, or says what is wrong with it. */
function describe(
  verb: Verb,
  name: string,
  payload: unknown,
  given?: CallOptions,
  pollIntervalMs?: number,
  timeoutMs?: number,
): EngineCall | AncpError {
  try {
    const options = given ?? {};
    return {
      verb,
      name: String(name),
      payload: stringify(payload),
      headers: headerPairs(options.headers),
      correlationId: options.correlationId,
      receiptId: options.receiptId,
      address: isSet(options.address) ? String(options.address) : undefined,
      timeout: options.timeout,
      pollIntervalMs,
      timeoutMs,
    };
  } catch (error) {
    return error instanceof AncpError
      ? error
      : new AncpError('the call cannot be made', { code: 'invalid_options', cause: error });
  }
}

/** JavaScript callers may pass `null` for what they do not set. */
function isSet(option: unknown): boolean {
  return option !== undefined && option !== null;
}

/** Settles a promise with an outcome. */
function settled<Result>(resolve: (result: Result) => void, reject: (error: AncpError) => void): Outcome {
  return { progress() {}, succeed: (result) => resolve(result as Result), fail: reject };
}
