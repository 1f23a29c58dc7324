import { NodeAddress } from '../address.js';
import { AncpError, type AncpErrorCode } from '../error.js';
import type { Fetch, FetchInit, FetchResponse } from '../options.js';
import type { PayRequest } from '../payment.js';
import type { AncpPattern } from '../types.js';
import { answer, type CapturedCall, captured, delay, eventStream, json, refusal } from './message.js';
import { FakePrices } from './payment.js';
import { asError, type FakeChunks, type FakeStream, type FakeStreamOptions, scriptedStream } from './stream.js';
import { type FakeTask, type FakeTaskHandler, type FakeTaskStep, notWaiting, TaskRun } from './task.js';

/** How an action was set up. */
export type Setup =
  | {
      readonly kind: 'response';
      readonly respond: (call: CapturedCall) => unknown;
      readonly delayMs: number | undefined;
    }
  | { readonly kind: 'error'; readonly error: AncpError; readonly delayMs: number | undefined }
  | { readonly kind: 'stream'; readonly chunks: FakeChunks<never, unknown>; readonly options: FakeStreamOptions }
  | { readonly kind: 'driven-stream'; readonly stream: FakeStream }
  | { readonly kind: 'task'; readonly script: readonly FakeTaskStep[] | FakeTaskHandler<never, unknown> }
  | { readonly kind: 'driven-task'; readonly task: FakeTask };

const PATTERNS: Readonly<Record<Setup['kind'], readonly AncpPattern[]>> = {
  response: ['request-reply', 'fire-and-forget'],
  error: ['request-reply', 'fire-and-forget', 'streaming', 'task-start'],
  stream: ['streaming'],
  'driven-stream': ['streaming'],
  task: ['task-start'],
  'driven-task': ['task-start'],
};

const SYSTEM: readonly string[] = [
  'ancp.ping',
  'ancp.capabilities',
  'ancp.negotiate',
  'ancp.payment-info',
  'ancp.pay',
  'ancp.status',
];

/** Nodes by their ids, and whatever else is addressed as {@link FakeNode.locate} has it. */
const ADDRESSED = /^\/ncp\/(nodes|addresses)\/([^/]+)(.*)$/;

const TASK = /^\/tasks\/([^/]+)(\/input|\/events)?$/;

/** A node in memory, behind a `fetch`: what a {@link FakeAncpClient} talks to. */
export class FakeNode {
  readonly calls: CapturedCall[] = [];
  readonly prices = new FakePrices();
  readonly #base: string;
  readonly #nodeId: number | string;
  readonly #tenantId: string;
  #setups = new Map<string, Setup>();
  #tasks = new Map<string, TaskRun>();
  readonly #seen = new Set<string>();
  #lastTask = 0;

  constructor(base: string, nodeId: number | string, tenantId: number | string) {
    this.#base = base;
    this.#nodeId = nodeId;
    this.#tenantId = String(tenantId);
  }

  set(action: string, setup: Setup): void {
    this.#setups.set(action, setup);
  }

  reset(): void {
    this.#setups = new Map();
    this.#tasks = new Map();
    this.#seen.clear();
    this.prices.reset();
    this.calls.length = 0;
  }

  /**
   * Where an address is reached: here, whatever it is.
   *
   * @throws AncpError For what is no address.
   */
  locate(address: NodeAddress | string | undefined): string | undefined {
    if (address === undefined) return undefined;
    const text = String(NodeAddress.parse(String(address)));
    return text.startsWith('node:') ? text : `${this.#base}/ncp/addresses/${encodeURIComponent(text)}`;
  }

  /** Answers a request. What is no answer of a node, such as a network error, is thrown. */
  readonly fetch: Fetch = async (url, init) => {
    const path = url.slice(url.indexOf(this.#base) + this.#base.length);
    if (path === '/.well-known/ncp.json') return json(JSON.stringify(this.#discovery()));
    const [, kind, name = '', below = ''] = ADDRESSED.exec(path) ?? [];
    const address = kind === 'nodes' ? `node:${name}` : decodeURIComponent(name);
    const asked = init.body === undefined ? {} : (JSON.parse(init.body) as { correlationId?: string });
    try {
      const [, taskId, part] = TASK.exec(below) ?? [];
      if (taskId !== undefined) return await this.#task(decodeURIComponent(taskId), part, init, address);
      return await this.#call(this.#capture(init, address, undefined), init.signal);
    } catch (error) {
      // The client's own errors have no status: they stand for what happens on the way.
      if (error instanceof AncpError && error.status !== 0) return refusal(asked, error);
      throw error;
    }
  };

  #capture(init: FetchInit, address: string, taskId: string | undefined): CapturedCall {
    const call = captured(init.body ?? '', init.headers, address, taskId);
    // Only the first attempt of a call.
    if (!this.#seen.has(call.messageId)) this.calls.push(call);
    this.#seen.add(call.messageId);
    return call;
  }

  async #call(call: CapturedCall, signal: AbortSignal): Promise<FetchResponse> {
    const setup = this.#setups.get(call.action) ?? this.#system(call);
    if (!setup) throw refused('action_not_found', `the fake has no action ${call.action}: set it up first`);
    if (!PATTERNS[setup.kind].includes(call.pattern)) {
      throw refused('pattern_mismatch', `${call.action} was set up for ${PATTERNS[setup.kind][0]}`);
    }
    this.prices.check(call);
    switch (setup.kind) {
      case 'error':
        await delay(setup.delayMs);
        throw setup.error;
      case 'response':
        return this.#respond(call, setup);
      case 'stream':
        return eventStream(scriptedStream(call, setup.chunks, setup.options), signal);
      case 'driven-stream':
        return eventStream(setup.stream._open(call), signal);
      default:
        return this.#start(call, setup);
    }
  }

  async #respond(call: CapturedCall, setup: Setup & { kind: 'response' }): Promise<FetchResponse> {
    await delay(setup.delayMs);
    if (call.pattern === 'fire-and-forget') {
      // The node has accepted it; how its handler fares is its own affair.
      Promise.resolve(call)
        .then(setup.respond)
        .catch(() => {});
      return answer(call, null, {}, 202);
    }
    try {
      return answer(call, await setup.respond(call));
    } catch (thrown) {
      throw asError(thrown);
    }
  }

  #start(call: CapturedCall, setup: Setup & { kind: 'task' | 'driven-task' }): FetchResponse {
    this.#lastTask += 1;
    const run = new TaskRun(`task-${this.#lastTask}`, call);
    this.#tasks.set(run.taskId, run);
    const [, ncp] = run.status;
    if (setup.kind === 'driven-task') setup.task._start(run);
    else if (typeof setup.script === 'function') void run.run(setup.script);
    else run.steps = [...setup.script];
    return answer(call, null, ncp, 202);
  }

  async #task(taskId: string, part: string | undefined, init: FetchInit, address: string): Promise<FetchResponse> {
    const run = this.#tasks.get(taskId);
    if (!run) throw refused('task_not_found', `the fake has no task ${taskId}`);
    if (part === '/events') return eventStream(run.events(), init.signal);
    if (part === '/input') {
      const call = this.#capture(init, address, taskId);
      if (run.state !== 'InputRequired') throw notWaiting();
      run.provide(call.payload);
      const setup = this.#setups.get(run.call.action);
      if (setup?.kind === 'driven-task') setup.task._provided(call.payload);
      const [, ncp] = run.status;
      return answer(call, null, ncp, 202);
    }
    if (init.method === 'DELETE') run.cancel();
    else await run.advance();
    return answer(run.call, ...run.status);
  }

  /** What every node answers, unless the test says otherwise. */
  #system(call: CapturedCall): Setup | undefined {
    const known = SYSTEM.includes(call.action);
    return known ? { kind: 'response', respond: () => this.#systemResult(call), delayMs: undefined } : undefined;
  }

  #systemResult({ action, payload }: CapturedCall): object | undefined {
    const nodeId = this.#nodeId;
    const actions = this.#actions();
    switch (action) {
      case 'ancp.ping':
        return {
          nodeId,
          tenantId: this.#tenantId,
          status: 'ok',
          version: '0.0.0-fake',
          uptimeSec: 0,
          timestamp: new Date().toISOString(),
        };
      case 'ancp.capabilities':
        return { nodeId, actions };
      case 'ancp.negotiate': {
        const wanted = (payload as { actions: readonly string[] }).actions;
        return {
          supported: actions.filter((descriptor) => wanted.includes(descriptor.action)),
          missing: wanted.filter((name) => !actions.some((descriptor) => descriptor.action === name)),
        };
      }
      case 'ancp.status':
        return {
          nodeId,
          environment: 'fake',
          aiModel: null,
          isAutonomous: false,
          acceptingCalls: true,
          version: '0.0.0-fake',
        };
      case 'ancp.payment-info':
        return this.prices.info();
      case 'ancp.pay':
        return this.prices.pay(payload as PayRequest);
      default:
        return undefined;
    }
  }

  #actions() {
    return [...this.#setups].map(([action, { kind }]) => ({
      action,
      pattern: PATTERNS[kind][0],
      priceUsdc: this.prices.priceOf(action),
    }));
  }

  #discovery(): object {
    return {
      protocolVersion: '1.0',
      nodes: [
        {
          nodeId: this.#nodeId,
          tenantId: this.#tenantId,
          name: 'fake',
          endpoint: `${this.#base}/ncp/nodes/${this.#nodeId}`,
          auth: [],
          features: { streamResume: false, taskEvents: true },
          actions: this.#actions(),
        },
      ],
    };
  }
}

function refused(code: AncpErrorCode, message: string): AncpError {
  return new AncpError(message, { code });
}
