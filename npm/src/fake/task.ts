import { AncpError } from '../error.js';
import type { TaskState } from '../types.js';
import { type CapturedCall, delay, type Events, envelope, errorMeta, event, settled } from './message.js';
import { asError } from './stream.js';

/** A step in the life of a scripted task. */
export interface FakeTaskStep<Result = unknown> {
  /** Default: `Completed` where there is a result, `Failed` where there is an error, else `Running`. */
  readonly state?: TaskState;
  /** From 0 to 1. Default: as before. */
  readonly progress?: number | null;
  /** A sentence for people. Default: as before. */
  readonly message?: string | null;
  readonly result?: Result;
  readonly error?: AncpError;
  /** The time before the step, in milliseconds. Default 0: the task takes it when its status is asked for. */
  readonly delayMs?: number;
}

/** A running fake task: what a {@link FakeTaskHandler} gets, and what {@link FakeTask} drives. */
export interface FakeTaskContext {
  readonly taskId: string;
  /** Aborted when the task is cancelled. */
  readonly signal: AbortSignal;
  /** Tells how far the task is, from 0 to 1. */
  progress(progress: number, message?: string): void;
  /** Waits for the caller's `provideInput`. */
  input(message?: string): Promise<unknown>;
}

/** The work of a task, as a node would do it: what it returns is the result, what it throws the error. */
export type FakeTaskHandler<Payload, Result> = (
  payload: Payload,
  task: FakeTaskContext,
  call: CapturedCall,
) => Result | Promise<Result>;

const FINAL: readonly string[] = ['Completed', 'Failed', 'Cancelled', 'Rejected'];

/**
 * One task at the fake node.
 * @internal
 */
export class TaskRun implements FakeTaskContext {
  readonly taskId: string;
  readonly call: CapturedCall;
  /** The steps that are still to come. */
  steps: FakeTaskStep[] = [];
  state: TaskState = 'Pending';
  readonly #controller = new AbortController();
  readonly #createdAt = new Date().toISOString();
  #updatedAt = this.#createdAt;
  #progress: number | null = null;
  #message: string | null = null;
  #result: unknown = null;
  #error: AncpError | undefined;
  #version = 0;
  readonly #watchers = new Set<() => void>();
  #input: ((input: unknown) => void) | undefined;

  constructor(taskId: string, call: CapturedCall) {
    this.taskId = taskId;
    this.call = call;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isFinal(): boolean {
    return FINAL.includes(this.state);
  }

  progress(progress: number, message?: string): void {
    this.set({ progress, ...(message !== undefined && { message }) });
  }

  input(message?: string): Promise<unknown> {
    this.set({ state: 'InputRequired', ...(message !== undefined && { message }) });
    return new Promise((resolve) => {
      this.#input = resolve;
    });
  }

  /** Does a handler's work. */
  async run(handler: FakeTaskHandler<never, unknown>): Promise<void> {
    this.set({});
    try {
      this.set({ result: await handler(this.call.payload as never, this, this.call) });
    } catch (thrown) {
      this.set({ error: asError(thrown) });
    }
  }

  /** Takes a step; a finished task takes none. */
  set(step: FakeTaskStep): void {
    if (this.isFinal) return;
    this.state = step.state ?? (step.error ? 'Failed' : 'result' in step ? 'Completed' : 'Running');
    if (step.progress !== undefined) this.#progress = step.progress;
    if (step.message !== undefined) this.#message = step.message;
    if (this.state === 'Completed') this.#result = step.result;
    this.#error = step.error;
    this.#updatedAt = new Date().toISOString();
    this.#version += 1;
    for (const wake of this.#watchers) wake();
  }

  cancel(): void {
    this.set({ state: 'Cancelled' });
    this.#controller.abort();
  }

  /** Takes the input that the task waits for. */
  provide(input: unknown): void {
    this.set({});
    this.#input?.(input);
    this.#input = undefined;
  }

  /** Takes the next step of the script, unless the task waits for the caller. */
  async advance(): Promise<void> {
    if (this.state === 'InputRequired') return;
    const step = this.steps.shift();
    if (!step) return;
    await delay(step.delayMs);
    this.set(step);
  }

  /** `ncp.task` and the payload beside it. */
  get status(): [payload: unknown, ncp: object] {
    const task = {
      taskId: this.taskId,
      action: this.call.action,
      state: this.state,
      progress: this.#progress,
      message: this.#message,
      createdAt: this.#createdAt,
      updatedAt: this.#updatedAt,
      error: this.#error && errorMeta(this.#error),
    };
    return [this.state === 'Completed' ? this.#result : null, { task }];
  }

  /** The status now, and again at each change, until it is final. */
  events(): Events {
    let seen: number | undefined;
    let over = false;
    let wake: (() => void) | undefined;
    const watch = () => wake?.();
    this.#watchers.add(watch);
    const close = () => {
      over = true;
      this.#watchers.delete(watch);
      wake?.();
    };
    return {
      read: async () => {
        if (seen !== undefined) await this.advance();
        while (!over && seen === this.#version) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (over) return undefined;
        seen = this.#version;
        const text = event('status', undefined, envelope(this.call, ...this.status));
        if (this.isFinal) close();
        return text;
      },
      cancel: close,
    };
  }
}

/**
 * A task that a test drives by hand. Where the action is started again, the newest task is driven. Each method resolves
 * once clients that listen to the task have the news; those that poll have it when they ask next.
 */
export class FakeTask<Result = unknown> {
  #run: TaskRun | undefined;
  readonly #before: FakeTaskStep[] = [];
  readonly #started: (() => void)[] = [];
  readonly #inputs: ((input: unknown) => void)[] = [];

  /** The task's id, once it was started. */
  get taskId(): string | undefined {
    return this.#run?.taskId;
  }

  /** The call that started it. */
  get call(): CapturedCall | undefined {
    return this.#run?.call;
  }

  /** Where it stands. */
  get state(): TaskState | undefined {
    return this.#run?.state;
  }

  /** Resolves once a client has started the task. */
  async started(): Promise<void> {
    if (!this.#run) await new Promise<void>((resolve) => this.#started.push(resolve));
    await settled();
  }

  /** Takes any step. Before the task was started, it is taken at its start. */
  async update(step: FakeTaskStep<Result>): Promise<void> {
    if (this.#run) this.#run.set(step);
    else this.#before.push(step);
    await settled();
  }

  /** Runs, and is so far, from 0 to 1. */
  progress(progress: number, message?: string): Promise<void> {
    return this.update({ progress, ...(message !== undefined && { message }) });
  }

  /** Waits for the caller's `provideInput`. */
  requireInput(message?: string): Promise<void> {
    return this.update({ state: 'InputRequired', ...(message !== undefined && { message }) });
  }

  /** The caller's next input. */
  input(): Promise<unknown> {
    return new Promise((resolve) => this.#inputs.push(resolve));
  }

  /** Is done. */
  complete(result: Result): Promise<void> {
    return this.update({ state: 'Completed', result });
  }

  /** Fails. */
  fail(error: AncpError): Promise<void> {
    return this.update({ state: 'Failed', error });
  }

  /** Refuses the work before doing any. */
  reject(error: AncpError): Promise<void> {
    return this.update({ state: 'Rejected', error });
  }

  /** @internal */
  _start(run: TaskRun): void {
    this.#run = run;
    for (const step of this.#before.splice(0)) run.set(step);
    for (const resolve of this.#started.splice(0)) resolve();
  }

  /** @internal */
  _provided(input: unknown): void {
    for (const resolve of this.#inputs.splice(0)) resolve(input);
  }
}

/**
 * The refusal of input that no task waits for.
 * @internal
 */
export function notWaiting(): AncpError {
  return new AncpError('the task does not wait for input', { code: 'task_not_waiting' });
}
