// What the tests share: the node that runs, and the page in headless Chromium.

import { after, before, beforeEach } from 'node:test';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../chromium.mjs';

/**
 * The mock node's first line: `{ baseUrl, nodeId, tenantId, apiKey, token }`. It was started with `--faults`,
 * `--print-token` and `--explorer`.
 */
export const node = JSON.parse(process.env.ANCP_TEST_NODE ?? 'null');
if (!node) throw new Error('ANCP_TEST_NODE is not set: run `cargo xtask test explorer`');

/** Another node, of `priced-node.toml`. */
export const priced = JSON.parse(process.env.ANCP_PRICED_NODE ?? 'null');

export function launch() {
  return chromium.launch(CHROMIUM);
}

/** A browser for a file's tests; gives a function that opens the explorer in a fresh profile. */
export function inBrowser() {
  let browser;
  const opened = [];
  before(async () => {
    browser = await launch();
  });
  beforeEach(async () => {
    await Promise.all(opened.splice(0).map((context) => context.close()));
    await control('DELETE', '_faults');
    await control('DELETE', '_calls');
  });
  after(() => browser?.close());

  return async (options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, ...options });
    opened.push(context);
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      // The browser itself logs each status from 400 on as an error.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) problems.push(message.text());
    });
    await page.goto(`${node.baseUrl}/`);
    return { page, problems };
  };
}

/** Fills in the connection and connects. */
export async function connect(page, credential = node.apiKey) {
  await page.getByLabel('API key').fill(credential);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByText('reachable', { exact: true }).waitFor();
}

/** Chooses an action and fills in its form. */
export async function choose(page, action, fields = {}) {
  await page.getByRole('button', { name: action, exact: true }).click();
  await page.getByRole('heading', { name: action, exact: true }).waitFor();
  for (const [name, value] of Object.entries(fields)) {
    const field = page.getByRole('main').getByLabel(name);
    await (typeof value === 'boolean' ? field.setChecked(value) : field.fill(String(value)));
  }
}

export const send = (page) => page.getByRole('button', { name: 'Send', exact: true }).click();

/** The section that shows what came of a call. */
export const outcome = (page) => page.getByRole('region', { name: 'Outcome' });

/** Waits until the call is in a phase, such as `complete`. */
export const phase = (page, text) => outcome(page).getByRole('status').getByText(text, { exact: true }).waitFor();

/** The control API of the mock node. */
export async function control(method, path, body) {
  const response = await fetch(`${node.baseUrl}/${path}`, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** The calls of an operation that the node has seen, once there are as many as that. */
export async function calls(operation, count = 1) {
  return until(async () => {
    const found = (await control('GET', '_calls')).filter((call) => call.operation === operation);
    return found.length >= count && found;
  }, `${count} × ${operation}`);
}

/** Asks again until the answer is true. */
export async function until(ask, what) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}
