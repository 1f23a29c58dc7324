import type { AncpAuth, AncpClientOptions } from '@bizfirst/ancp-core';
import type { Recorder } from '../log/recorder.ts';

export type AuthMode = 'none' | 'apiKey' | 'jwt';

/** Where a node is and how to call it, as the fields have it. A credential is no part of it, so that it is never stored. */
export interface Connection {
  readonly baseUrl: string;
  readonly nodeId: string;
  readonly tenantId: string;
  readonly authMode: AuthMode;
  readonly timeoutMs: number;
}

/** The text of an API key or a token; empty without one. */
export type Credential = string;

export const DEFAULT_TIMEOUT_MS = 30_000;

/** What a client is made of, with all that it sends and receives recorded. */
export function clientOptions(connection: Connection, credential: Credential, recorder: Recorder): AncpClientOptions {
  return {
    baseUrl: connection.baseUrl,
    nodeId: connection.nodeId,
    tenantId: connection.tenantId || undefined,
    auth: auth(connection.authMode, credential),
    timeout: connection.timeoutMs,
    fetch: recorder.fetch(credential),
  };
}

function auth(mode: AuthMode, credential: Credential): AncpAuth | undefined {
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
