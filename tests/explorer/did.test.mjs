// A key that is made in the page, whose proofs the node verifies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, inBrowser, phase, send, until } from './setup.mjs';

const open = inBrowser();

test('a DID key made in the page signs every request, and goes with the page', async () => {
  const { page, problems } = await open();
  await page.getByLabel('Authentication').selectOption('DID key');
  const field = page.getByLabel('DID', { exact: true });
  const did = await keyIn(field);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('reachable', { exact: true }).waitFor();
  // A node takes a proof only once.
  for (const rows of [1, 2]) {
    await choose(page, 'generate-report', { year: 2026, rows });
    await send(page);
    await phase(page, 'complete');
  }
  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await send(page);
  await phase(page, 'done');

  const log = page.getByRole('complementary', { name: 'Calls' });
  await log.getByRole('button', { name: 'get-order' }).click();
  await log.getByRole('region', { name: 'Response', exact: true }).getByText(did).waitFor();
  await log.getByText('Request headers').click();
  await log.getByText('•••', { exact: true }).waitFor();
  assert.deepEqual(problems, []);

  await page.reload();
  assert.equal(await page.getByLabel('Authentication').inputValue(), 'did');
  const afterReload = await keyIn(field);
  assert.notEqual(afterReload, did);
  await page.getByRole('button', { name: 'New key' }).click();
  await until(async () => (await keyIn(field)) !== afterReload, 'another key');
});

test('where no key can be made, the page says so, and tries again', async () => {
  const { page } = await open();
  // As on a page that came over plain HTTP from another machine.
  await page.evaluate(() => Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true }));
  await page.getByLabel('Authentication').selectOption('DID key');
  await page.getByRole('alert').getByText('WebCrypto').waitFor();
  await page.evaluate(() => delete crypto.subtle);
  await page.getByRole('button', { name: 'New key' }).click();
  await keyIn(page.getByLabel('DID', { exact: true }));
  assert.equal(await page.getByRole('alert').count(), 0);
});

/** The DID that the field shows, once its key is made. */
async function keyIn(field) {
  await until(async () => (await field.inputValue()).startsWith('did:key:z6Mk'), 'a key');
  return field.inputValue();
}
