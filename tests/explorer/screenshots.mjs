// Takes the pictures of the Node Explorer for the documentation.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { choose, connect, launch, node, outcome, phase, send } from './setup.mjs';

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
try {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1360, height: 860 } });
    const page = await context.newPage();
    const take = (name) => page.screenshot({ path: `${FOLDER}node-explorer-${name}-${colorScheme}.png` });
    await page.goto(`${node.baseUrl}/`);
    await connect(page);

    await choose(page, 'generate-report', { year: 2026, rows: 100, delayMs: 40 });
    await send(page);
    await outcome(page)
      .getByText(/^[2-4]\d chunks$/)
      .waitFor();
    await take('stream');
    // One picture shows what the dark theme looks like.
    if (colorScheme === 'dark') continue;

    await choose(page, 'run-payroll', { month: '2026-03', ms: 3000 });
    await send(page);
    await outcome(page)
      .getByText(/^[4-7]0 %$/)
      .waitFor();
    await take('task');
    await phase(page, 'Completed');

    await choose(page, 'get-order', { orderId: 'ORD-123' });
    await send(page);
    await phase(page, 'done');
    await page.getByRole('complementary', { name: 'Calls' }).getByRole('button', { name: 'get-order' }).click();
    await take('envelopes');
  }
} finally {
  await browser.close();
}
