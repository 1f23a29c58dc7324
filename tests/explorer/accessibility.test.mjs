// axe on every state of the page, in both themes; and the keyboard.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { choose, connect, inBrowser, outcome, phase, send } from './setup.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const open = inBrowser();

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing (${colorScheme})`, async () => {
    const { page } = await open({ colorScheme });
    await page.addScriptTag({ path: AXE });
    await check(page, 'welcome');
    await connect(page);
    await page.getByText('Discovery document').click();
    await page.getByRole('region', { name: '/.well-known/ncp.json' }).waitFor();
    await check(page, 'connected');

    await choose(page, 'get-order', { orderId: 'ORD-123' });
    await send(page);
    await phase(page, 'done');
    await page.getByRole('complementary', { name: 'Calls' }).getByRole('button', { name: 'get-order' }).click();
    await check(page, 'reply and its envelopes');

    await choose(page, 'failing');
    await send(page);
    await phase(page, 'failed');
    await check(page, 'error');

    await choose(page, 'generate-report', { year: 2026, rows: 50 });
    await send(page);
    await phase(page, 'complete');
    await check(page, 'stream');

    await choose(page, 'run-payroll', { month: '2026-03', ms: 60_000 });
    await send(page);
    await phase(page, 'Running');
    await check(page, 'task');

    await choose(page, 'approve-expense', { amount: 12 });
    await send(page);
    await phase(page, 'InputRequired');
    await page.getByLabel('The task waits for input').fill('{');
    await check(page, 'input');
  });
}

test('all of a call by keyboard', async () => {
  const { page } = await open();
  await connect(page);
  await page.getByRole('button', { name: 'get-order', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('main').getByLabel('orderId').focus();
  await page.keyboard.type('ORD-123');
  await page.keyboard.press('Enter');
  await outcome(page).getByText('"status": "Active"').waitFor();
});

test('the theme is switched and remembered', async () => {
  const { page } = await open({ colorScheme: 'light' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole('button', { name: 'Dark theme' }).click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await background(), dark);
});

test('nothing jumps when a call begins and ends', async () => {
  const { page } = await open();
  await connect(page);
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await page.getByText('Nothing sent yet').waitFor();
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('h2, main form button')].map((element) => element.getBoundingClientRect().y),
    );
  const before = await places();
  await send(page);
  await phase(page, 'done');
  assert.deepEqual((await places()).slice(0, before.length), before);
});

async function check(page, state) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, [], state);
}
