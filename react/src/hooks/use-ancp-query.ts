import type { UntypedResult } from '@bizfirst/ancp-core';
import type { QueryState } from '../observers/query.js';
import { type QueryHookOptions, useQuery } from './use-query.js';

/** What {@link useAncpQuery} gives. */
export interface UseAncpQueryResult<Result> extends QueryState<Result> {
  /** Asks anew, for all components that show this read. Rejects with an `AncpError`. */
  readonly refetch: () => Promise<Result>;
}

/** What {@link useAncpSuspenseQuery} gives: there is an answer. */
export interface UseAncpSuspenseQueryResult<Result> extends UseAncpQueryResult<Result> {
  readonly data: Result;
}

/**
 * Reads a request-reply action by itself. Components that read the same share one request and its answer.
 *
 * @param action An action that only reads: it may be called at any time, and more than once.
 * @example
 * ```tsx
 * const { data, isLoading, error, refetch } = useAncpQuery<OrderQuery, Order>('get-order', { orderId });
 * ```
 */
export function useAncpQuery<Payload = unknown, Result = UntypedResult>(
  action: string,
  payload?: Payload,
  options: QueryHookOptions = {},
): UseAncpQueryResult<Result> {
  const [state, { refetch }] = useInvokeQuery<Result>(action, payload, options);
  return { ...state, refetch };
}

/**
 * {@link useAncpQuery} for `<Suspense>`: it waits for the first answer there, and throws the first error to the error
 * boundary. The `AncpProvider` must be around the `<Suspense>`. On the server, its fallback is rendered.
 */
export function useAncpSuspenseQuery<Payload = unknown, Result = UntypedResult>(
  action: string,
  payload?: Payload,
  options: Omit<QueryHookOptions, 'enabled'> = {},
): UseAncpSuspenseQueryResult<Result> {
  const [state, { refetch, suspend }, isServer] = useInvokeQuery<Result>(action, payload, options);
  // What a component in <Suspense> throws on the server makes React show the fallback, and try again in the browser.
  if (isServer) throw new Error('not on the server');
  return { ...state, data: suspend(), refetch };
}

function useInvokeQuery<Result>(action: string, payload: unknown, options: QueryHookOptions) {
  return useQuery<Result>([action, payload], (client, call) => client.invoke(action, payload, call), options);
}
