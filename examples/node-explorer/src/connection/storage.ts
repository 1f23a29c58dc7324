import { type AuthMode, type Connection, DEFAULT_TIMEOUT_MS, isSame } from './connection.ts';

const KEY = 'ancp-explorer.connections';
const MOST = 8;

/** The connections of the past, the last one first. */
export function remembered(): readonly Connection[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.map(read).filter((connection) => connection !== undefined) : [];
  } catch {
    return []; // forbidden, or not what we wrote
  }
}

/** Puts a connection in front of the others, unless its URL holds what no client takes there, such as a password. */
export function remember(connection: Connection): void {
  if (!isPlain(connection.baseUrl)) return;
  const others = remembered().filter((other) => !isSame(other, connection));
  write([connection, ...others].slice(0, MOST));
}

export function forget(connection: Connection): void {
  write(remembered().filter((other) => !isSame(other, connection)));
}

function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password, search, hash } = new URL(url);
  return `${username}${password}${search}${hash}` === '';
}

function write(connections: readonly Connection[]): void {
  try {
    // Field by field: nothing else gets into the storage, whatever the objects hold.
    const plain = connections.map(({ baseUrl, nodeId, tenantId, authMode, timeoutMs }) => ({
      baseUrl,
      nodeId,
      tenantId,
      authMode,
      timeoutMs,
    }));
    localStorage.setItem(KEY, JSON.stringify(plain));
  } catch {
    // Without storage, nothing is remembered.
  }
}

function read(stored: unknown): Connection | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const fields = stored as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  if (!text('baseUrl') || !text('nodeId')) return undefined;
  return {
    baseUrl: text('baseUrl'),
    nodeId: text('nodeId'),
    tenantId: text('tenantId'),
    authMode: authMode(fields.authMode),
    timeoutMs: typeof fields.timeoutMs === 'number' ? fields.timeoutMs : DEFAULT_TIMEOUT_MS,
  };
}

function authMode(stored: unknown): AuthMode {
  return stored === 'none' || stored === 'jwt' || stored === 'did' ? stored : 'apiKey';
}
