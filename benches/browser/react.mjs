// What 10,000 chunks within a second cost a page: how often React commits, and for how long the main thread works.

import { fileURLToPath } from 'node:url';
import { summary } from '../lib/statistics.mjs';
import { launch, servePages } from './pages.mjs';

export const title = 'React';
const CONTENDERS = { 'no React, the stream alone': 'none', useAncpStream: 'hook', 'useState a chunk': 'state' };
const ROUNDS = 7;
const LENGTH = 10_000 * 'token '.length;

export async function run({ progress }) {
  const module = fileURLToPath(new URL('react-page.jsx', import.meta.url));
  const { origin, stop } = await servePages({ page: module });
  const browser = await launch();
  const samples = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, { commits: [], busy: [] }]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, hash] of Object.entries(CONTENDERS)) {
        const { commits, busy } = await stream(browser, `${origin}/page/#${hash}`);
        samples[name].commits.push(commits);
        samples[name].busy.push(busy);
      }
    }
  } finally {
    await browser.close();
    stop();
  }
  const results = Object.entries(samples).map(([name, { commits, busy }]) => [
    name,
    { commits: summary(commits), busy: summary(busy) },
  ]);
  const cases = [progress({ case: '10,000 chunks in a second', rounds: ROUNDS, results: Object.fromEntries(results) })];
  return { about: { chromium: browser.version() }, cases };
}

async function stream(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.bench?.start);
  // The first stream loads the engine and compiles the code.
  await page.evaluate(() => globalThis.bench.start());
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const before = await busy();
  const { commits, shown } = await page.evaluate(async () => {
    const { bench } = globalThis;
    Object.assign(bench, { commits: 0, shown: 0 });
    const began = performance.now();
    await bench.start();
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return { commits: (1000 * bench.commits) / (performance.now() - began), shown: bench.shown };
  });
  const result = { commits, busy: (await busy()) - before };
  // The page with a state a chunk still has what the first stream brought.
  if (shown === 0 || shown % LENGTH !== 0) throw new Error(`the page shows ${shown} characters`);
  await page.close();
  return result;
}
