import type { AncpError, CallOptions } from '@bizfirst/ancp-core';
import { type HookCallOptions, Observer, type Target } from './observer.js';

/** How the newest call stands. */
export interface InvokeState<Result> {
  /** Whether it has no answer yet. */
  readonly isLoading: boolean;
  /** Its answer. */
  readonly data: Result | undefined;
  /** Why it failed. An abort is no failure. */
  readonly error: AncpError | undefined;
}

const IDLE: InvokeState<never> = { isLoading: false, data: undefined, error: undefined };

/** Calls a request-reply action. The state tells of the newest call alone; an older one is aborted. */
export class InvokeObserver<Result> extends Observer<InvokeState<Result>, HookCallOptions> {
  constructor(target: Target<HookCallOptions>) {
    super(target, IDLE, { isLoading: false });
  }

  readonly invoke = (payload?: unknown, options?: CallOptions): Promise<Result> => {
    const { client, action, options: always } = this.target;
    return this.work<Result>(
      options?.signal,
      { begin: { ...IDLE, isLoading: true }, done: (data) => ({ data }) },
      (signal) => client.invoke<Result>(action, payload, { ...always, ...options, signal }),
    );
  };
}
