import type { ActionDescriptor, AncpError, Capabilities } from '@bizfirst/ancp-core';
import { useMemo } from 'react';
import { offers } from '../observers/capabilities.js';
import { type QueryHookOptions, useQuery } from './use-query.js';

/** What {@link useAncpCapabilities} gives. */
export interface UseAncpCapabilitiesResult {
  /** The actions that the node offers; none before the first answer. */
  readonly actions: readonly ActionDescriptor[];
  /** Those of them that cost something. */
  readonly payableActions: readonly ActionDescriptor[];
  /** Whether there is neither an answer nor an error yet. */
  readonly isLoading: boolean;
  /** Whether a request is on its way, the first or a later one. */
  readonly isFetching: boolean;
  readonly error: AncpError | undefined;
  /** Asks anew. Rejects with an `AncpError`. */
  readonly refresh: () => Promise<Capabilities>;
}

/**
 * The actions that the node offers.
 *
 * @example
 * ```tsx
 * const { actions, payableActions, isLoading, refresh } = useAncpCapabilities();
 * ```
 */
export function useAncpCapabilities(options: QueryHookOptions = {}): UseAncpCapabilitiesResult {
  const [{ data, ...state }, { refetch }] = useQuery(
    'capabilities',
    (client, call) => client.getCapabilities(call),
    options,
  );
  return { ...useMemo(() => offers(data), [data]), ...state, refresh: refetch };
}
