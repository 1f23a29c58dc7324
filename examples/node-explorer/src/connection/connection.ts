import type { AncpAuth, AncpClientOptions } from '@bizfirst/ancp-core';
import type { DidKey } from '@bizfirst/ancp-core/did';
import type { Recorder } from '../log/recorder.ts';

export type AuthMode = 'none' | 'apiKey' | 'jwt' | 'did';

/** Where a node is and how to call it, as the fields have it. A credential is no part of it, so that it is never stored. */
export interface Connection {
  readonly baseUrl: string;
  readonly nodeId: string;
  readonly tenantId: string;
  readonly authMode: AuthMode;
  readonly timeoutMs: number;
}

/** The text of an API key or a token, empty without one; or the key that signs DID proofs. */
export type Credential = string | DidKey;

export const DEFAULT_TIMEOUT_MS = 30_000;

/** What a client is made of, with all that it sends and receives recorded. */
export function clientOptions(connection: Connection, credential: Credential, recorder: Recorder): AncpClientOptions {
  return {
    baseUrl: connection.baseUrl,
    nodeId: connection.nodeId,
    tenantId: connection.tenantId || undefined,
    auth: auth(connection.authMode, credential),
    timeout: connection.timeoutMs,
    // A proof is new for each request, and stands in its header alone.
    fetch: recorder.fetch(typeof credential === 'string' ? credential : ''),
  };
}

function auth(mode: AuthMode, credential: Credential): AncpAuth | undefined {
  if (typeof credential !== 'string') return { did: credential };
  if (mode === 'apiKey') return { apiKey: credential };
  if (mode === 'jwt') return { jwtToken: credential };
  return undefined;
}

/** Whether two connections lead to the same node in the same way. */
export function isSame(one: Connection, other: Connection): boolean {
  return title(one) === title(other) && one.authMode === other.authMode;
}

/** A connection in a line. */
export function title({ baseUrl, nodeId, tenantId }: Connection): string {
  return `${nodeId}${tenantId && ` of tenant ${tenantId}`} at ${baseUrl}`;
}
