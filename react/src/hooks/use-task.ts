import type {
  CallOptions,
  PayloadAndOptions,
  TaskId,
  TaskStatus,
  UntypedResult,
  WaitOptions,
} from '@bizfirst/ancp-core';
import { useEffect } from 'react';
import { TaskObserver, type TaskOptions, type TaskState } from '../observers/task.js';
import { useAncpClient } from '../provider.js';
import { useObserver } from './use-observer.js';

/** What {@link useAncpTask} gives. */
export interface UseAncpTaskResult<Payload, Result> extends TaskState<Result> {
  /**
   * Starts a task and watches it. Resolves to its status in any of the four final states; rejects with an `AncpError`
   * where it could not be started or watched. Another task, `reset` and unmounting end the watch (code `aborted`).
   */
  readonly run: (...args: PayloadAndOptions<Payload, WaitOptions<TaskStatus<Result>>>) => Promise<TaskStatus<Result>>;
  /** The same, but resolves to the task's id as soon as the node has it. */
  readonly start: (...args: PayloadAndOptions<Payload, WaitOptions<TaskStatus<Result>>>) => Promise<TaskId<Result>>;
  /** Asks the node to cancel the task. Resolves to its status then, or to undefined where there is no task. */
  readonly cancel: (options?: CallOptions) => Promise<TaskStatus<Result> | undefined>;
  /** Gives the task the input that it waits for (`status.state` is `InputRequired`). */
  readonly provideInput: (input: unknown, options?: CallOptions) => Promise<TaskStatus<Result> | undefined>;
  /** Ends the watch and forgets the task, which goes on at the node. */
  readonly reset: () => void;
}

/**
 * Starts a long-running task when told to, and watches it until it is over. With `taskId`, it watches a task that was
 * started before. Unmounting ends the watch, not the task.
 *
 * @example
 * ```tsx
 * const { run, cancel, status, progress, isRunning, error } = useAncpTask<PayrollInput, Payroll>('run-payroll');
 * ```
 */
export function useAncpTask<Payload = unknown, Result = UntypedResult>(
  action: string,
  options: TaskOptions<Result> = {},
): UseAncpTaskResult<Payload, Result> {
  const [observer, state] = useObserver(TaskObserver<Result>, action, options);
  const client = useAncpClient();
  const { taskId } = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another credential, it may watch what it could not before
  useEffect(() => {
    if (taskId !== undefined) observer.attach(taskId);
  }, [observer, client, taskId]);
  const { run, start, cancel, provideInput, reset } = observer;
  return { ...state, run, start, cancel, provideInput, reset };
}
