// The TypeScript of the public documents, as it is written there.

import { expect, it, vi } from 'vitest';
import { AncpClient, AncpError, FakeAncpClient } from '../src/index.js';

it('AncpClient', async () => {
  const node = new FakeAncpClient();
  node.setupResponse('get-order', { status: 'Active' });
  node.setupStream('generate-report', [1, 2]);
  node.setupTask('run-payroll', [{ result: null }]);
  vi.stubGlobal('fetch', (node as unknown as { _node: { fetch: unknown } })._node.fetch);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});

  const client = new AncpClient({
    baseUrl: 'https://fake.invalid',
    nodeId: 42,
    auth: { apiKey: 'bfk_...' },
  });

  const result = await client.invoke('get-order', { orderId: 'ORD-123' });
  console.log(result.status);

  for await (const chunk of client.stream('generate-report', { year: 2026 })) {
    console.log(chunk);
  }

  const taskId = await client.startTask('run-payroll', { month: '2026-03' });
  const finalStatus = await client.waitForTask(taskId, { pollIntervalMs: 2000 });
  console.log(finalStatus.state); // 'Completed'

  const ping = await client.ping();
  const caps = await client.getCapabilities();
  const doc = await client.discover(); // /.well-known/ncp.json

  expect(log.mock.calls).toEqual([['Active'], [1], [2], ['Completed']]);
  expect([ping.status, caps.actions.length, doc.nodes.length]).toEqual(['ok', 3, 1]);
  log.mockRestore();
  vi.unstubAllGlobals();
});

it('FakeAncpClient', async () => {
  const [chunk1, chunk2, chunk3] = [1, 2, 3];

  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active', total: 99.99 });
  fake.setupError('bad-action', new AncpError('Unauthorized', 401));
  fake.setupStream('generate-report', [chunk1, chunk2, chunk3]);

  const result = await fake.invoke('get-order', { orderId: 'ORD-1' });
  // Assert what was called
  expect(fake.capturedCalls[0]?.action).toBe('get-order');

  expect(result.total).toBe(99.99);
});
