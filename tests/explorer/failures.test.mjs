// What goes wrong, and what is kept of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls, choose, connect, control, inBrowser, node, outcome, phase, send } from './setup.mjs';

const open = inBrowser();

test('a dropped connection resumes, without a gap', async () => {
  const { page, problems } = await open();
  await connect(page);
  const match = { operation: 'stream', action: 'generate-report' };
  await control('POST', '_faults', { match, times: 1, fault: { dropAfterEvents: 3 } });
  await choose(page, 'generate-report', { year: 2026, rows: 8, delayMs: 50 });
  await send(page);
  await phase(page, 'complete');
  await calls('streamResume');
  const rows = await outcome(page).getByRole('listitem').allTextContents();
  assert.deepEqual(
    rows.map((row) => JSON.parse(row).row),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  // Both connections stand in the log.
  const log = page.getByRole('list', { name: 'Requests' });
  await log.getByRole('button', { name: 'GET' }).filter({ hasText: '/streams/' }).waitFor();
  assert.deepEqual(problems, []);
});

test('an expired credential is told with its code, and another one helps', async () => {
  const { page } = await open();
  await page.getByLabel('Authentication').selectOption('JWT');
  const field = page.getByLabel('Token');
  await field.fill(node.token);
  await field.press('Enter');
  await page.getByText('reachable', { exact: true }).waitFor();

  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await phase(page, 'done');
  const fault = { status: 401, code: 'unauthenticated' };
  await control('POST', '_faults', { match: { action: 'get-order' }, fault });
  await send(page);
  await phase(page, 'failed');
  const alert = page.getByRole('alert');
  await alert.getByText('unauthenticated').waitFor();
  await alert.getByText('HTTP 401').waitFor();

  await alert.getByRole('button', { name: 'Enter another credential' }).click();
  assert.equal(await field.evaluate((element) => element === document.activeElement), true);
  await control('DELETE', '_faults');
  await field.fill(node.token);
  await field.press('Enter');
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await phase(page, 'done');
});

test('a wrong credential', async () => {
  const { page } = await open();
  await connect(page, 'bfk_wrong');
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await page.getByRole('alert').getByText('unauthenticated').waitFor();
});

test('an error of the action, with its details', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'failing');
  await page.getByRole('button', { name: 'Edit as JSON' }).click();
  await page.getByLabel('Payload').fill('{"code": "out_of_stock", "message": "none left", "details": {"left": 0}}');
  await send(page);
  await page.getByRole('alert').getByText('out_of_stock').waitFor();
  await page.getByRole('region', { name: 'Details' }).getByText('"left": 0').waitFor();
});

test('without a credential', async () => {
  const { page } = await open();
  await page.getByLabel('Authentication').selectOption('None');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('reachable', { exact: true }).waitFor();
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await page.getByRole('alert').getByText('unauthenticated').waitFor();
});

test('a task that can no longer be watched', async () => {
  const { page } = await open();
  await connect(page);
  const match = { operation: 'taskEvents' };
  const fault = { status: 401, code: 'unauthenticated' };
  await control('POST', '_faults', { match, times: 1, fault: { dropAfterEvents: 2 } });
  await control('POST', '_faults', { match, fault });
  await control('POST', '_faults', { match: { operation: 'taskStatus' }, fault });
  await choose(page, 'run-payroll', { month: '2026-03', ms: 60_000 });
  await send(page);
  // The client tries for some seconds.
  await page.getByRole('alert').getByText('unauthenticated').waitFor({ timeout: 30_000 });
  await phase(page, 'failed');
});

test('a node that is not there', async () => {
  const { page } = await open();
  await page.getByLabel('Base URL').fill('http://127.0.0.1:9');
  await page.getByLabel('Timeout').fill('500');
  await page.getByLabel('API key').fill('bfk_any');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('unreachable').waitFor();
});

test('the log shows the envelopes exactly, without the credential', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'echo');
  await page.getByLabel('Payload').fill(`{"number": 1.50, "secret": "${node.apiKey}"}`);
  await send(page);
  await phase(page, 'done');
  const log = page.getByRole('complementary', { name: 'Calls' });
  await log.getByRole('button', { name: 'echo' }).click();
  await log.getByLabel('Exact text').check();
  await log.getByRole('region', { name: 'Request', exact: true }).getByText('"protocolVersion":"1.0"').waitFor();
  await log.getByRole('region', { name: 'Response', exact: true }).getByText('"type":"Response"').waitFor();
  await log.getByText('Request headers').click();
  await log.getByText('•••', { exact: true }).waitFor();
  assert.equal((await log.innerText()).includes(node.apiKey), false);
});

test('connections are remembered, credentials never', async () => {
  const { page } = await open();
  await page.getByLabel('Tenant', { exact: true }).fill('7');
  await connect(page);
  await page.reload();
  assert.equal(await page.getByLabel('Tenant', { exact: true }).inputValue(), '7');
  assert.equal(await page.getByLabel('API key').inputValue(), '');
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  assert.equal(stored.includes(node.apiKey), false);
  assert.equal(stored.includes(node.baseUrl), true);
  await page.getByRole('button', { name: /^Forget/ }).click();
  await page.reload();
  assert.equal(await page.getByLabel('Tenant', { exact: true }).inputValue(), '');
});
