import type { CallOptions, PayloadAndOptions, UntypedResult } from '@bizfirst/ancp-core';
import { InvokeObserver, type InvokeState } from '../observers/invoke.js';
import type { HookCallOptions } from '../observers/observer.js';
import { useObserver } from './use-observer.js';

/** What {@link useAncpInvoke} gives. */
export interface UseAncpInvokeResult<Payload, Result> extends InvokeState<Result> {
  /**
   * Calls the action. It rejects with an `AncpError`, which `error` then is, too. A newer call, `reset` and unmounting
   * abort it: it rejects with the code `aborted`, and `error` stays undefined.
   */
  readonly invoke: (...args: PayloadAndOptions<Payload, CallOptions>) => Promise<Result>;
  /** Aborts what runs and forgets the answer. */
  readonly reset: () => void;
}

/**
 * Calls a request-reply action when told to.
 *
 * @param options For all calls; those of a single call come before them.
 * @example
 * ```tsx
 * const { invoke, isLoading, data, error, reset } = useAncpInvoke<OrderQuery, OrderResult>('get-order');
 * ```
 */
export function useAncpInvoke<Payload = unknown, Result = UntypedResult>(
  action: string,
  options: HookCallOptions = {},
): UseAncpInvokeResult<Payload, Result> {
  const [{ invoke, reset }, state] = useObserver(InvokeObserver<Result>, action, options);
  return { ...state, invoke, reset };
}
