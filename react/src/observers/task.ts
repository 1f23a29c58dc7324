import type { AncpError, CallOptions, TaskId, TaskStatus, WaitOptions } from '@bizfirst/ancp-core';
import { asAncpError, quiet } from './error.js';
import { type HookCallOptions, Observer, type Target, type Update } from './observer.js';

/** How the newest task stands. */
export interface TaskState<Result> {
  /** Its id, once the node has told it. */
  readonly taskId: TaskId<Result> | undefined;
  /** What the node said last. */
  readonly status: TaskStatus<Result> | undefined;
  /** How far it is, from 0 to 1; null where that is not known. */
  readonly progress: number | null;
  /** Whether it is being started or watched: from `run`, `start` or `taskId` until its final state. */
  readonly isRunning: boolean;
  /** Whether it is being watched: it has been started, and its final state is not known yet. */
  readonly isPolling: boolean;
  /** Why it could not be started, watched or cancelled. A task that has failed tells why in `status.error`. */
  readonly error: AncpError | undefined;
}

/** Options of a task hook; those of `run` and `start` come before them. */
export interface TaskOptions<Result> extends HookCallOptions {
  /** A task to watch that was started before, such as one remembered over a reload of the page. */
  readonly taskId?: TaskId<Result> | string | undefined;
  /** As of `waitForTask`. */
  readonly pollIntervalMs?: number | undefined;
  /** As of `waitForTask`. */
  readonly timeoutMs?: number | undefined;
}

const FINAL: readonly string[] = ['Completed', 'Failed', 'Cancelled', 'Rejected'];

const IDLE: TaskState<never> = {
  taskId: undefined,
  status: undefined,
  progress: null,
  isRunning: false,
  isPolling: false,
  error: undefined,
};

const NONE = Promise.resolve(undefined);

/** Starts and watches one task at a time. Watching another, or unmounting, leaves the task itself alone. */
export class TaskObserver<Result> extends Observer<TaskState<Result>, TaskOptions<Result>> {
  /** The id of the newest task; undefined where it could not be started. */
  #taskId: Promise<TaskId<Result> | undefined> = NONE;
  #attached: string | undefined;

  constructor(target: Target<TaskOptions<Result>>) {
    super(target, IDLE, { isRunning: false, isPolling: false });
  }

  /** Starts a task and watches it. Resolves to its status in any of the final states. */
  readonly run = (payload?: unknown, options?: WaitOptions<TaskStatus<Result>>): Promise<TaskStatus<Result>> =>
    this.#launch(payload, options).finished;

  /** Starts a task and watches it. Resolves to its id as soon as the node has it. */
  readonly start = (payload?: unknown, options?: WaitOptions<TaskStatus<Result>>): Promise<TaskId<Result>> =>
    this.#launch(payload, options).started;

  /** Asks the node to cancel the newest task, also while it is being started. Without any, it does nothing. */
  readonly cancel = (options?: CallOptions): Promise<TaskStatus<Result> | undefined> =>
    this.#tell((taskId, { client, options: always }) => client.cancelTask<Result>(taskId, { ...always, ...options }));

  /** Gives the newest task the input that it waits for (`status.state` is `InputRequired`). */
  readonly provideInput = (input: unknown, options?: CallOptions): Promise<TaskStatus<Result> | undefined> =>
    this.#tell((taskId, { client, options: always }) =>
      client.provideInput<Result>(taskId, input, { ...always, ...options }),
    );

  /**
   * Watches a task that was started before, unless that is what it does or has done. Told the same id again, it goes on
   * only where it still shows that task: neither a newer one nor `reset` is undone by effects that run again.
   */
  attach(id: TaskId<Result> | string): void {
    const taskId = id as TaskId<Result>;
    const { taskId: current, status } = this.getSnapshot();
    const isAgain = taskId === this.#attached;
    this.#attached = taskId;
    if (taskId === current ? this.isWorking || isFinal(status) : isAgain) return;
    this.#follow({ taskId, isPolling: true }, {}, () => Promise.resolve(taskId));
  }

  protected override clear(): void {
    super.clear();
    this.#taskId = NONE;
  }

  #launch(payload: unknown, options: WaitOptions<TaskStatus<Result>> = {}) {
    const { client, action, options: always } = this.target;
    return this.#follow({}, options, (signal) =>
      client.startTask<unknown, Result>(action, payload, { ...always, ...options, signal }),
    );
  }

  /** Gets hold of a task, and watches it until it is over. */
  #follow(
    begin: Partial<TaskState<Result>>,
    options: WaitOptions<TaskStatus<Result>>,
    start: (signal: AbortSignal) => Promise<TaskId<Result>>,
  ) {
    const { client, options: always } = this.target;
    let started!: Promise<TaskId<Result>>;
    const finished = this.work<TaskStatus<Result>>(
      options.signal,
      { begin: { ...IDLE, isRunning: true, ...begin }, done: seen },
      async (signal, update) => {
        started = quiet(start(signal));
        const taskId = await started;
        update({ taskId, isPolling: true });
        return client.waitForTask<Result>(taskId, {
          ...always,
          ...options,
          signal,
          onProgress(status) {
            update(seen(status));
            options.onProgress?.(status);
          },
        });
      },
    );
    this.#taskId = started.catch(() => undefined);
    return { started, finished };
  }

  /** Says something to the newest task. Unmounting does not abort it: a task that was cancelled is to be cancelled. */
  #tell(
    call: (taskId: TaskId<Result>, target: Target<TaskOptions<Result>>) => Promise<TaskStatus<Result>>,
  ): Promise<TaskStatus<Result> | undefined> {
    const told = this.#taskId;
    const update: Update<TaskState<Result>> = (change) => {
      if (told === this.#taskId) this.update(change);
    };
    const tell = async () => {
      const taskId = await told;
      if (taskId === undefined) return undefined;
      try {
        const status = await call(taskId, this.target);
        // Whoever watches may have seen the end by now.
        if (!isFinal(this.getSnapshot().status)) update(seen(status));
        return status;
      } catch (thrown) {
        const error = asAncpError(thrown);
        if (error.code !== 'aborted') update({ error });
        throw error;
      }
    };
    return quiet(tell());
  }
}

function seen<Result>(status: TaskStatus<Result>): Partial<TaskState<Result>> {
  return { status, progress: status.progress };
}

function isFinal(status: TaskStatus<unknown> | undefined): boolean {
  return status !== undefined && FINAL.includes(status.state);
}
