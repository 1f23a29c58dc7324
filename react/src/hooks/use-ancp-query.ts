import type { UntypedResult } from '@bizfirst/ancp-core';
import { stableKey } from '../observers/key.js';
import type { HookCallOptions } from '../observers/observer.js';
import type { Load, QueryState } from '../observers/query.js';
import { type QueryHookOptions, useQuery } from './use-query.js';

/** Options of {@link useAncpQuery}. */
export interface AncpQueryHookOptions extends QueryHookOptions, HookCallOptions {}

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
  options: AncpQueryHookOptions = {},
): UseAncpQueryResult<Result> {
  const [state, { refetch }] = useQuery(...query<Result>(action, payload, options), options);
  return { ...state, refetch };
}

/**
 * {@link useAncpQuery} for `<Suspense>`: it waits for the first answer there, and throws the first error to the error
 * boundary. The `AncpProvider` must be around the `<Suspense>`. On the server, its fallback is rendered.
 */
export function useAncpSuspenseQuery<Payload = unknown, Result = UntypedResult>(
  action: string,
  payload?: Payload,
  options: Omit<AncpQueryHookOptions, 'enabled'> = {},
): UseAncpSuspenseQueryResult<Result> {
  const [state, { refetch, suspend }, isServer] = useQuery(...query<Result>(action, payload, options), options);
  // What a component in <Suspense> throws on the server makes React show the fallback, and try again in the browser.
  if (isServer) throw new Error('not on the server');
  return { ...state, data: suspend(), refetch };
}

function query<Result>(
  action: string,
  payload: unknown,
  { enabled, staleMs, cacheMs, intervalMs, timeout, ...call }: AncpQueryHookOptions,
): [key: string, load: Load<Result>] {
  return [
    stableKey([action, payload, call]),
    (client, signal) => client.invoke<Result>(action, payload, { ...call, timeout, signal }),
  ];
}
