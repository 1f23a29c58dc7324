import type { AncpClient } from '@bizfirst/ancp-core';
import { type Load, ON_SERVER, PENDING, Query, type QueryState, type Watch } from './query.js';

/** One component's view of a read. */
export interface QueryReader<Data> {
  subscribe(listener: () => void): () => void;
  getSnapshot(): QueryState<Data>;
  getServerSnapshot(): QueryState<Data>;
  /** Asks anew, for all components. Rejects with an `AncpError`. */
  refetch(): Promise<Data>;
  /** The data; or throws what React's Suspense takes. */
  suspend(): Data;
}

/** The reads of each client by their keys. One with other credentials is another client, and begins with none. */
const caches = new WeakMap<AncpClient, Map<string, Query<unknown>>>();

/** Makes nothing yet: renders may be thrown away. */
export function queryReader<Data>(client: AncpClient, key: string, load: Load<Data>, watch: Watch): QueryReader<Data> {
  const queries = () => caches.get(client) as Map<string, Query<Data>> | undefined;
  const open = () => {
    const all = queries() ?? new Map<string, Query<Data>>();
    caches.set(client, all as Map<string, Query<unknown>>);
    const query = all.get(key) ?? new Query<Data>(load, () => all.delete(key));
    all.set(key, query);
    return query;
  };
  return {
    subscribe: (listener) => open().watch(listener, watch),
    getSnapshot: () => queries()?.get(key)?.getSnapshot() ?? PENDING,
    getServerSnapshot: () => ON_SERVER,
    refetch: () => open().refetch(),
    suspend: () => open().suspend(),
  };
}
