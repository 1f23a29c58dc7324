// What every environment does with the package: each pattern, an error and an abort, with a real node, and the fake.
// Runs in Node.js, in pages and in workers alike.

/** The package's exports, and the node to call; `options` are more options of the client. */
export async function exercise({ AncpClient, AncpError, FakeAncpClient }, { apiKey, ...address }, options = {}) {
  const client = new AncpClient({ ...address, auth: { apiKey }, ...options });
  try {
    const order = await client.invoke('get-order', { orderId: 'ORD-123' });
    equal(order, { orderId: 'ORD-123', status: 'Active', total: 99.99, currency: 'USD' });
    equal(await client.invoke('echo', { text: 'déjà 🎉', big: 1e21 }), { text: 'déjà 🎉', big: 1e21 });
    // Some environments read long texts in other ways.
    for (const text of ['plain ', 'Zwölf Röhren ', '十二の管 ']) {
      const long = { text: text.repeat(500) };
      equal(await client.invoke('echo', long), long);
    }

    await client.fireAndForget('log-event', { eventType: 'packaging' });

    const rows = [];
    for await (const { row } of client.stream('generate-report', { year: 2026, rows: 3, delayMs: 10 })) rows.push(row);
    equal(rows, [1, 2, 3]);
    for await (const { row } of client.stream('generate-report', { year: 2026, rows: 1000, delayMs: 20 })) {
      if (row === 2) break;
    }

    const taskId = await client.startTask('run-payroll', { month: '2026-03', ms: 100 });
    const status = await client.waitForTask(taskId, { pollIntervalMs: 50 });
    equal([status.state, status.result.employeesProcessed], ['Completed', 120]);

    const forbidden = await failure(client.invoke('failing', { code: 'forbidden', message: 'no' }), AncpError);
    equal([forbidden.code, forbidden.status], ['forbidden', 403]);
    const reason = new Error('enough');
    const aborted = await failure(
      client.invoke('slow', { ms: 5000 }, { signal: AbortSignal.abort(reason) }),
      AncpError,
    );
    equal([aborted.code, aborted.cause === reason], ['aborted', true]);
  } finally {
    client.close();
  }

  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active' });
  fake.setupError('bad-action', new AncpError('Unauthorized', 401));
  fake.setupStream('generate-report', [1, 2]);
  equal((await fake.invoke('get-order', { orderId: 'ORD-1' })).status, 'Active');
  equal((await failure(fake.invoke('bad-action'), AncpError)).status, 401);
  const chunks = [];
  for await (const chunk of fake.stream('generate-report')) chunks.push(chunk);
  equal(chunks, [1, 2]);
  equal(fake.capturedCalls[0].action, 'get-order');
  fake.close();
}

/** The error that a call rejects with. */
export async function failure(call, AncpError) {
  const error = await call.then(
    (result) => new Error(`did not fail, but gave ${JSON.stringify(result)}`),
    (error) => error,
  );
  if (!(error instanceof AncpError)) throw error;
  return error;
}

/** Throws unless both are the same JSON. */
export function equal(actual, expected) {
  const [left, right] = [actual, expected].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`expected ${right}, but got ${left}`);
}
