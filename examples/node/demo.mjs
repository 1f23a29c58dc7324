// The four patterns of ANCP and a cancelled task, through the npm package, against a node that is told by the environment.
// `cargo xtask demo` starts such a node and runs this.
import assert from 'node:assert/strict';
import { AncpClient } from '@bizfirst/ancp-core';

const { ANCP_BASE_URL, ANCP_NODE_ID, ANCP_TENANT_ID, ANCP_API_KEY } = process.env;
assert(ANCP_BASE_URL, 'ANCP_BASE_URL is not set: run `cargo xtask demo`');

const client = new AncpClient({
  baseUrl: ANCP_BASE_URL,
  nodeId: Number(ANCP_NODE_ID),
  tenantId: ANCP_TENANT_ID,
  auth: { apiKey: ANCP_API_KEY },
});

function tell(what, text) {
  console.log(`${what.padEnd(16)} ${text}`);
}

function showProgress({ progress, message }) {
  const done = Math.round((progress ?? 0) * 20);
  tell('', `[${'#'.repeat(done).padEnd(20)}] ${message ?? ''}`);
}

async function main() {
  const { status, version } = await client.ping();
  tell('ping', `node ${ANCP_NODE_ID} is ${status}, version ${version}`);

  const order = await client.invoke('get-order', { orderId: 'ORD-123' });
  tell('request-reply', `order ${order.orderId} is ${order.status}, ${order.total} ${order.currency}`);
  assert.equal(order.orderId, 'ORD-123');

  await client.fireAndForget('log-event', { eventType: 'demo', runtime: 'node' });
  tell('fire-and-forget', 'the event was accepted');

  let rows = 0;
  for await (const row of client.stream('generate-report', { year: 2026, rows: 5, delayMs: 50 })) {
    rows += 1;
    tell(rows === 1 ? 'streaming' : '', `${row.label}: ${row.amount}`);
  }
  assert.equal(rows, 5);

  const payroll = await client.startTask('run-payroll', { month: '2026-03' });
  tell('long task', `started as ${payroll}`);
  const paid = await client.waitForTask(payroll, { onProgress: showProgress });
  assert.equal(paid.state, 'Completed');
  tell('', `${paid.state}: ${paid.result.employeesProcessed} employees got ${paid.result.totalPaid}`);

  const another = await client.startTask('run-payroll', { month: '2026-04', ms: 60_000 });
  await client.cancelTask(another);
  const cancelled = await client.waitForTask(another);
  assert.equal(cancelled.state, 'Cancelled');
  tell('cancelled task', `${another} is ${cancelled.state}`);
}

try {
  await main();
} finally {
  client.close();
}
