const { AncpError, FakeAncpClient } = require('@bizfirst/ancp-core');

test('answers', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active', total: 99.99 });
  expect(await fake.invoke('get-order', { orderId: 'ORD-1' })).toEqual({ status: 'Active', total: 99.99 });
  expect(fake.capturedCalls[0].action).toBe('get-order');
  expect(fake.capturedCalls[0].payload).toEqual({ orderId: 'ORD-1' });
});

test('fails', async () => {
  const fake = new FakeAncpClient();
  fake.setupError('bad-action', new AncpError('Unauthorized', 401));
  await expect(fake.invoke('bad-action')).rejects.toThrow('Unauthorized');
  await expect(fake.invoke('bad-action')).rejects.toBeInstanceOf(AncpError);
});

test('streams', async () => {
  const fake = new FakeAncpClient();
  fake.setupStream('generate-report', [{ row: 1 }, { row: 2 }]);
  const rows = [];
  for await (const { row } of fake.stream('generate-report', { year: 2026 })) rows.push(row);
  expect(rows).toEqual([1, 2]);
});

test('runs tasks', async () => {
  const fake = new FakeAncpClient();
  fake.setupTask('run-payroll', [{ progress: 0.5 }, { result: { totalPaid: 12 } }]);
  const status = await fake.waitForTask(await fake.startTask('run-payroll'));
  expect(status).toMatchObject({ state: 'Completed', result: { totalPaid: 12 } });
});
