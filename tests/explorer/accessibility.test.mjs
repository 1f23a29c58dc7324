// axe on every state of the page, in both themes; and the keyboard.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { choose, connect, inBrowser, node, outcome, phase, priced, send } from './setup.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const open = inBrowser();

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing (${colorScheme})`, async () => {
    const { page } = await open({ colorScheme });
    await page.addScriptTag({ path: AXE });
    await check(page, 'welcome');
    await page.getByLabel('Authentication').selectOption('DID key');
    await check(page, 'DID key');
    await page.getByLabel('Authentication').selectOption('API key');
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

    await page.getByLabel('Base URL').fill(priced.baseUrl);
    await page.getByLabel('Node id').fill(String(priced.nodeId));
    await connect(page, priced.apiKey);
    await choose(page, 'get-order', { orderId: 'ORD-123' });
    await send(page);
    await phase(page, 'failed');
    await page.getByLabel('Payment').waitFor();
    await check(page, 'payment');

    await page.getByLabel('Base URL').fill('http://127.0.0.1:9');
    await page.getByLabel('Timeout').fill('500');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByText('unreachable').waitFor();
    await check(page, 'unreachable');
    await page.setViewportSize({ width: 400, height: 800 });
    await check(page, 'narrow');
  });
}

test('all by keyboard alone', async () => {
  const { page } = await open();
  const keys = page.keyboard;
  /** Goes on to the next element until one with this name has the focus. */
  const tabTo = async (name, key = 'Tab') => {
    for (let count = 0; count < 60; count += 1) {
      await keys.press(key);
      if ((await focused(page)) === name) return;
    }
    assert.fail(`${name} is not reached by ${key}`);
  };
  await tabTo('API key');
  await keys.type(node.apiKey);
  await keys.press('Enter');
  await page.getByText('reachable', { exact: true }).waitFor();

  await tabTo('generate-report');
  await keys.press('Space');
  await page.getByRole('heading', { name: 'generate-report', exact: true }).waitFor();
  await tabTo('year');
  await keys.type('2026');
  await tabTo('rows');
  await keys.type('500');
  await tabTo('delayMs', 'Shift+Tab');
  await keys.type('20');
  await tabTo('Send');
  await keys.press('Enter');
  await phase(page, 'streaming');
  await outcome(page)
    .getByText(/^[1-9]\d* chunks?$/)
    .waitFor();
  await tabTo('Stop');
  await keys.press('Enter');
  await phase(page, 'stopped');
  // What scrolls can be scrolled, too.
  await tabTo('Chunks');

  await tabTo('POST generate-report /ncp/nodes/42/stream 200', 'Tab');
  await keys.press('Enter');
  const details = page.getByRole('region', { name: /^Request \d/ });
  await details.waitFor();
  await tabTo('Close the request');
  await keys.press('Enter');
  await details.waitFor({ state: 'detached' });
  assert.equal(await focused(page), 'POST generate-report /ncp/nodes/42/stream 200');
});

test('the focus goes on to the next connection where one is forgotten', async () => {
  const { page } = await open();
  await connect(page);
  await page.getByLabel('Tenant', { exact: true }).fill('7');
  await connect(page);
  await page
    .getByRole('button', { name: /^Forget/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), `Forget 42 at ${node.baseUrl}`);
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

async function check(page, state) {
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  assert.deepEqual(found, [], state);
}

/** What a screen reader calls the element that has the focus, without the time that a request took. */
function focused(page) {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    const label = element?.labels?.[0]?.innerText ?? element?.getAttribute('aria-label') ?? element?.innerText ?? '';
    return label
      .replaceAll(/\s+/g, ' ')
      .replace(/ \d+ ms$/, '')
      .trim();
  });
}
