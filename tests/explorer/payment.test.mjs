// What an action costs, before and after it is called.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, connect, inBrowser, outcome, phase, priced, send } from './setup.mjs';

const open = inBrowser();

/** Connects to the node that wants to be paid. */
async function connectToPriced(page) {
  await page.getByLabel('Base URL').fill(priced.baseUrl);
  await page.getByLabel('Node id').fill(String(priced.nodeId));
  await connect(page, priced.apiKey);
}

test('the table shows prices', async () => {
  const { page } = await open();
  await connectToPriced(page);
  await page.getByRole('row').filter({ hasText: 'get-order' }).getByText('5.00 USDC').waitFor();
  await page.getByRole('row').filter({ hasText: 'echo' }).getByText('free').waitFor();
});

test('a call that must be paid shows the price and where it goes', async () => {
  const { page, problems } = await open();
  await connectToPriced(page);
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await phase(page, 'failed');
  const alert = outcome(page).getByRole('alert');
  await alert.getByText('payment_required').waitFor();
  await alert.getByText('HTTP 402').waitFor();
  const terms = alert.getByLabel('Payment');
  const shown = await terms.locator('div').evaluateAll((rows) => rows.map((row) => row.innerText.replace('\n', ': ')));
  assert.deepEqual(shown.slice(0, 3), [
    'Price: 5.00 USDC',
    'Pay to: 0x71C7656EC7ab88b098defB751B7401B5f6d8976F',
    'Tokens: USDC on chain 8453',
  ]);
  assert.deepEqual(problems, []);

  await choose(page, 'echo');
  await send(page);
  await phase(page, 'done');
});
