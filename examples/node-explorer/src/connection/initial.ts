import { type Connection, DEFAULT_TIMEOUT_MS } from './connection.ts';
import { remembered } from './storage.ts';

/**
 * What the fields hold at first: the node that `cargo xtask explorer` has started, else the last connection, else the
 * place that the page comes from.
 */
export function initialConnection(): Connection {
  const started: string | undefined = import.meta.env.VITE_ANCP_BASE_URL;
  const last = started ? undefined : remembered()[0];
  return (
    last ?? {
      baseUrl: started ?? location.origin + location.pathname.replace(/\/[^/]*$/, ''),
      nodeId: '42',
      tenantId: '',
      authMode: 'apiKey',
      timeoutMs: DEFAULT_TIMEOUT_MS,
    }
  );
}
