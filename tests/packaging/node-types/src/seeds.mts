// The snippets of the public documents, as they stand there.

import { AncpClient, AncpError, FakeAncpClient } from '@bizfirst/ancp-core';

export async function request() {
  const client = new AncpClient({
    baseUrl: 'https://api.bizfirst.internal',
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
  return { ping, caps, doc };
}

export async function test(chunk1: unknown, chunk2: unknown, chunk3: unknown) {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active', total: 99.99 });
  fake.setupError('bad-action', new AncpError('Unauthorized', 401));
  fake.setupStream('generate-report', [chunk1, chunk2, chunk3]);

  const result = await fake.invoke('get-order', { orderId: 'ORD-1' });
  // Assert what was called
  return [result, fake.capturedCalls[0]?.action];
}
