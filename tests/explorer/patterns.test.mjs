// The four patterns, and what ends a call early.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls, choose, connect, inBrowser, node, outcome, phase, send, until } from './setup.mjs';

const open = inBrowser();

test('the node and its actions are shown', async () => {
  const { page, problems } = await open();
  await connect(page);
  await page.getByRole('heading', { name: `Node ${node.nodeId}` }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'generate-report' });
  await row.getByText('streaming').waitFor();
  await row.getByText('free').waitFor();
  await page.getByText('Discovery document').click();
  await page.getByRole('region', { name: '/.well-known/ncp.json' }).getByText('"protocolVersion": "1.0"').waitFor();
  assert.deepEqual(problems, []);
});

test('request-reply', async () => {
  const { page, problems } = await open();
  await connect(page);
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await phase(page, 'done');
  await outcome(page).getByText('"status": "Active"').waitFor();
  assert.deepEqual(problems, []);
});

test('request-reply without a schema takes JSON, and says what is wrong with it', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'echo');
  const editor = page.getByLabel('Payload');
  await editor.fill('{"a": ');
  assert.equal(await editor.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true);
  await editor.fill('{"a": [1, "ü"]}');
  await send(page);
  await outcome(page).getByText('"ü"').waitFor();
});

test('fire-and-forget', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'log-event');
  await page.getByLabel('Payload').fill('{"eventType": "test"}');
  await send(page);
  await phase(page, 'accepted by the node');
  await calls('fire');
});

test('a stream grows live and ends', async () => {
  const { page, problems } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 5, delayMs: 300 });
  await send(page);
  await phase(page, 'streaming');
  await outcome(page)
    .getByText(/^[1-4] chunks?$/)
    .waitFor();
  await phase(page, 'complete');
  assert.equal(await outcome(page).getByRole('list', { name: 'Chunks' }).getByRole('listitem').count(), 5);
  assert.deepEqual(problems, []);
});

test('a fast stream of many chunks does not freeze the page', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 20_000 });
  await send(page);
  await phase(page, 'complete');
  await outcome(page).getByText('20000 chunks, showing the newest 200').waitFor();
});

test('a stream that floods the page can be stopped all the same', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 10_000_000 });
  await send(page);
  await outcome(page)
    .getByText(/^\d+ chunks, showing/)
    .waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await phase(page, 'stopped');
  await calls('streamEnd');
});

test('stopping a stream ends it at the node, and what has come stays', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 500, delayMs: 50 });
  await send(page);
  await outcome(page)
    .getByText(/^[1-9]\d* chunks?$/)
    .waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await phase(page, 'stopped');
  await calls('streamEnd');
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('a task shows its progress and its result', async () => {
  const { page, problems } = await open();
  await connect(page);
  await choose(page, 'run-payroll', { month: '2026-03', ms: 1500 });
  await send(page);
  await phase(page, 'Running');
  const progress = page.getByRole('progressbar', { name: 'Progress' });
  await until(async () => Number(await progress.getAttribute('value')) >= 0.5, 'half of the work');
  await phase(page, 'Completed');
  await outcome(page).getByText('"employeesProcessed"').waitFor();
  assert.deepEqual(problems, []);
});

test('a task is cancelled', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'run-payroll', { month: '2026-03', ms: 60_000 });
  await send(page);
  await phase(page, 'Running');
  await page.getByRole('button', { name: 'Cancel the task' }).click();
  await phase(page, 'Cancelled');
  await calls('taskCancel');
  // Nothing goes on.
  const progress = page.getByRole('progressbar', { name: 'Progress' });
  assert.notEqual(await progress.getAttribute('value'), null);
});

test('a task gets the input that it asks for', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'approve-expense', { amount: 12 });
  await send(page);
  await phase(page, 'InputRequired');
  await page.getByLabel('The task waits for input').fill('{"approved": true}');
  await page.getByRole('button', { name: 'Send the input' }).click();
  await phase(page, 'Completed');
  // The form is gone, and the focus is not lost with it.
  assert.equal(await outcome(page).evaluate((element) => element === document.activeElement), true);
  await outcome(page).getByText('"approved": true').waitFor();
});

test('choosing another action aborts what runs', async () => {
  const { page, problems } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 500, delayMs: 50 });
  await send(page);
  await outcome(page)
    .getByText(/^[1-9]\d* chunks?$/)
    .waitFor();
  await choose(page, 'get-order');
  await calls('streamEnd');
  assert.equal(await page.getByRole('alert').count(), 0);
  assert.deepEqual(problems, []);
});

test('leaving the page ends a stream', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'generate-report', { year: 2026, rows: 500, delayMs: 50 });
  await send(page);
  await outcome(page)
    .getByText(/^[1-9]\d* chunks?$/)
    .waitFor();
  await page.goto('about:blank');
  await until(async () => (await calls('stream'))[0].body === 'aborted', 'the connection to be closed');
});
