import type { AncpError, PingResponse } from '@bizfirst/ancp-core';
import { type QueryHookOptions, useQuery } from './use-query.js';

/** What {@link useAncpPing} gives. */
export interface UseAncpPingResult {
  /** Whether the last ping was answered; false before the first answer. */
  readonly isReachable: boolean;
  /** Whether there is neither an answer nor an error yet. Later pings do not change it. */
  readonly isLoading: boolean;
  /** Whether a ping is on its way. */
  readonly isFetching: boolean;
  /** The last answer. */
  readonly response: PingResponse | undefined;
  /** Why the last ping failed. */
  readonly error: AncpError | undefined;
  /** Pings now. Rejects with an `AncpError`. */
  readonly refresh: () => Promise<PingResponse>;
}

/**
 * Whether the node can be reached: asked once, or every `intervalMs`.
 *
 * @example
 * ```tsx
 * const { isReachable, isLoading } = useAncpPing({ intervalMs: 10_000 });
 * ```
 */
export function useAncpPing(options: QueryHookOptions = {}): UseAncpPingResult {
  const [{ data, ...state }, { refetch }] = useQuery('ping', (client, call) => client.ping(call), options);
  return { ...state, isReachable: data !== undefined && !state.error, response: data, refresh: refetch };
}
