import type { AncpError, PingResponse } from '@bizfirst/ancp-core';
import type { Load } from '../observers/query.js';
import { type QueryHookOptions, useQuery } from './use-query.js';

/** Options of {@link useAncpPing}. */
export interface PingHookOptions extends QueryHookOptions {
  /** How long a ping may take in milliseconds. Default: the client's. */
  readonly timeout?: number | undefined;
}

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
export function useAncpPing({ timeout, ...options }: PingHookOptions = {}): UseAncpPingResult {
  const load: Load<PingResponse> = (client, signal) => client.ping({ signal, timeout });
  const [{ data, ...state }, { refetch }] = useQuery(`ping ${timeout}`, load, options);
  return { ...state, isReachable: data !== undefined && !state.error, response: data, refresh: refetch };
}
