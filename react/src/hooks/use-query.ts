import type { AncpClient, CallOptions } from '@bizfirst/ancp-core';
import { useMemo, useSyncExternalStore } from 'react';
import { stableKey } from '../observers/key.js';
import type { HookCallOptions } from '../observers/observer.js';
import { CACHE_MS, ON_SERVER, type QueryState } from '../observers/query.js';
import { type QueryReader, queryReader } from '../observers/query-cache.js';
import { useAncpClient } from '../provider.js';

/** Options of a hook that reads by itself. */
export interface QueryHookOptions extends HookCallOptions {
  /** Whether to read without being asked. Default true. */
  readonly enabled?: boolean | undefined;
  /** How old an answer may be, in milliseconds, for a component that mounts. Default 1000. */
  readonly staleMs?: number | undefined;
  /** How long an answer is kept once no component shows it, in milliseconds. Default 5 minutes. */
  readonly cacheMs?: number | undefined;
  /** How long after an answer to ask again, in milliseconds. Default: only when asked to. */
  readonly intervalMs?: number | undefined;
}

/**
 * A read that components share where they name the same, with the same options for the call.
 *
 * @param name What `load` reads.
 */
export function useQuery<Data>(
  name: unknown,
  load: (client: AncpClient, options: CallOptions) => Promise<Data>,
  { enabled = true, staleMs = 1000, cacheMs = CACHE_MS, intervalMs, ...call }: QueryHookOptions,
): [state: QueryState<Data>, reader: QueryReader<Data>, isServer: boolean] {
  const client = useAncpClient();
  const key = stableKey([name, call]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for `load` and `call`, which are new at every render
  const reader = useMemo(
    () =>
      queryReader(client, key, (signal) => load(client, { ...call, signal }), {
        enabled,
        staleMs,
        cacheMs,
        intervalMs,
      }),
    [client, key, enabled, staleMs, cacheMs, intervalMs],
  );
  const state = useSyncExternalStore(reader.subscribe, reader.getSnapshot, reader.getServerSnapshot);
  return [{ ...state, isLoading: state.isLoading && (enabled || state.isFetching) }, reader, state === ON_SERVER];
}
