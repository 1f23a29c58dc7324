// Nothing jumps: as the browser itself sees it, in its layout-shift entries.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, connect, inBrowser, outcome, phase, send } from './setup.mjs';

const open = inBrowser();

test('nothing jumps on a wide screen, whatever happens', async () => {
  const { page } = await open();
  const jumps = await observe(page);
  await walk(page, jumps);
});

test('nothing jumps on a narrow screen but what the user changes', async () => {
  // High enough to see it all.
  const { page } = await open({ viewport: { width: 400, height: 1800 } });
  const jumps = await observe(page);
  await walk(page, (step) => (/^(connect|choose)/.test(step) ? jumps.forget() : jumps(step)));
});

/** Goes through all that grows or changes, and has each step checked. */
async function walk(page, check) {
  await check('load');
  await connect(page);
  await page.getByRole('button', { name: 'get-order', exact: true }).waitFor();
  await check('connect');

  await choose(page, 'generate-report', { year: 2026, rows: 40, delayMs: 10 });
  await check('choose a stream');
  await send(page);
  await phase(page, 'complete');
  await check('a stream grows');

  await choose(page, 'run-payroll', { month: '2026-03', ms: 500 });
  await check('choose a task');
  await send(page);
  await phase(page, 'Completed');
  await check('a task runs');

  await choose(page, 'failing');
  await check('choose what fails');
  await send(page);
  await phase(page, 'failed');
  await check('an error');

  await choose(page, 'get-order', { orderId: 'ORD-123' });
  await check('choose a reply');
  const log = page.getByRole('complementary', { name: 'Calls' });
  for (let count = 1; count <= 6; count += 1) {
    await send(page);
    await log
      .getByRole('button', { name: 'get-order' })
      .nth(count - 1)
      .waitFor();
    await phase(page, 'done');
    await outcome(page).getByText('"status": "Active"').waitFor();
  }
  await check('the log grows');

  await log.getByRole('button', { name: 'get-order' }).last().click();
  await log.getByRole('region', { name: 'Response', exact: true }).waitFor();
  await check('an envelope is opened');
  await page.getByRole('button', { name: 'Ping', exact: true }).click();
  await log.getByRole('button', { name: 'ancp.ping' }).nth(1).waitFor();
  await check('a ping');
}

/**
 * Notes each element that moves, also right after input. Text may get wider and so begin elsewhere in its line.
 * Gives a function that fails where something has moved since the last time.
 */
async function observe(page) {
  const install = () => {
    const moved = [];
    globalThis.observer = new PerformanceObserver((list) => note(list.getEntries()));
    globalThis.takeMoved = () => {
      note(globalThis.observer.takeRecords());
      return moved.splice(0);
    };
    function note(entries) {
      for (const { node, previousRect: before, currentRect: after } of entries.flatMap(({ sources }) => sources)) {
        // What has gone, such as a row that scrolls out of sight, has no place any more.
        if (!node || after.width === 0) continue;
        const isText = node.nodeType === Node.TEXT_NODE;
        if (before.y === after.y && (isText || before.x === after.x)) continue;
        moved.push(`${node.nodeName}.${node.className}: ${before.x},${before.y} to ${after.x},${after.y}`);
      }
    }
    globalThis.observer.observe({ type: 'layout-shift', buffered: true });
  };
  await page.addInitScript(install);
  await page.reload();
  /** Waits for two frames, so that what was changed has been laid out. */
  const take = () =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(globalThis.takeMoved()))));
        }),
    );
  const check = async (step) => assert.deepEqual(await take(), [], step);
  check.forget = take;
  return check;
}
