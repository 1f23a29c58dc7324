// A CommonJS module.

import ancp = require('@bizfirst/ancp-core');

import { AncpClient, AncpError, FakeAncpClient } from '@bizfirst/ancp-core';
import { setWasmModule } from '@bizfirst/ancp-core/slim';

export async function total(client: AncpClient = new ancp.FakeAncpClient()): Promise<number> {
  const { total } = await client.invoke<{ total: number }>('get-order', { orderId: 'ORD-1' });
  return total;
}

export const same: typeof AncpError = ancp.AncpError;
export const fake = new FakeAncpClient().setupError('bad-action', new AncpError('Unauthorized', 401));
export const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42, auth: { apiKey: 'bfk_…' } });
setWasmModule(new Uint8Array());
