// An action map: names, payloads and results are checked.

import {
  AncpClient,
  type AncpClientOptions,
  AncpError,
  type AncpErrorCode,
  type DidSigner,
  FakeAncpClient,
  type TaskStatus,
} from '@bizfirst/ancp-core';
import { createDidKey, type DidKey, didKeyFrom } from '@bizfirst/ancp-core/did';
import { AncpClient as SlimClient, setWasmModule } from '@bizfirst/ancp-core/slim';

interface Actions {
  'get-order': { payload: { orderId: string }; result: { status: string } };
  'log-event': { pattern: 'fire-and-forget'; payload: { eventType: string } };
  'generate-report': { payload: { year: number }; chunk: { row: number } };
  'run-payroll': { pattern: 'task-start'; payload: { month: string }; result: { totalPaid: number } };
}

const options: AncpClientOptions = {
  baseUrl: new URL('https://api.example.com'),
  nodeId: 'orders',
  tenantId: 7,
  auth: { jwtToken: async () => 'token' },
  retry: false,
  headers: new Headers({ 'X-Trace': '1' }),
  fetch,
};

export async function typed(signal: AbortSignal) {
  const client = new AncpClient<Actions>(options);
  const order = await client.invoke('get-order', { orderId: 'ORD-1' }, { signal, timeout: 1000, correlationId: 'c' });
  const text: string = order.status;
  await client.fireAndForget('log-event', { eventType: 'login' });
  for await (const { row } of client.stream('generate-report', { year: 2026 })) row.toFixed();
  const taskId = await client.startTask('run-payroll', { month: '2026-03' });
  const status: TaskStatus<{ totalPaid: number }> = await client.waitForTask(taskId, {
    onProgress: ({ progress }) => console.log(progress),
  });

  // @ts-expect-error: there is no such action
  await client.invoke('get-ordr', { orderId: 'ORD-1' });
  // @ts-expect-error: the payload is another
  await client.invoke('get-order', { id: 1 });
  // @ts-expect-error: the pattern is another
  await client.invoke('generate-report', { year: 2026 });
  // @ts-expect-error: the result has no such property
  order.total;
  return [text, status.result?.totalPaid];
}

export function perCall(client: AncpClient) {
  return client.invoke<{ orderId: string }, { total: number }>('get-order', { orderId: 'ORD-1' });
}

export function code(error: unknown): AncpErrorCode | undefined {
  return error instanceof AncpError ? error.code : undefined;
}

// A fake goes where a client is asked for.
export const fake: AncpClient<Actions> = new FakeAncpClient<Actions>().setupResponse('get-order', { status: 'Active' });

setWasmModule(() => fetch('/ancp.wasm'));
export const slim = new SlimClient<Actions>(options);

// A signer of one's own, by WebCrypto, and one of the package's.
export function signerOf(privateKey: Parameters<typeof crypto.subtle.sign>[1]): DidSigner {
  return {
    did: 'did:web:shop.example.com',
    keyId: 'did:web:shop.example.com#key-1',
    sign: (message) => crypto.subtle.sign('Ed25519', privateKey, message),
  };
}

export async function proving(keyPair: DidKey['keyPair']) {
  const did = async () => (await didKeyFrom(keyPair)) ?? createDidKey();
  return new AncpClient({ ...options, auth: { did }, credentialOrigins: ['https://nodes.example.com'] });
}
