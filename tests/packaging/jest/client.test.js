const { AncpClient, AncpError } = require('@bizfirst/ancp-core');

const { apiKey, ...address } = JSON.parse(process.env.ANCP_TEST_NODE);
const client = new AncpClient({ ...address, auth: { apiKey } });

afterAll(() => client.close());

test('invoke', async () => {
  expect(await client.invoke('get-order', { orderId: 'ORD-123' })).toMatchObject({ status: 'Active' });
});

test('stream', async () => {
  const rows = [];
  for await (const { row } of client.stream('generate-report', { year: 2026, rows: 3, delayMs: 10 })) rows.push(row);
  expect(rows).toEqual([1, 2, 3]);
});

test('errors', async () => {
  const failing = client.invoke('failing', { code: 'forbidden' });
  await expect(failing).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  await expect(failing).rejects.toBeInstanceOf(AncpError);
});
