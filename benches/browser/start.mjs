// From importing the module to the first byte of the first request, in a page: with nothing in the HTTP cache, and in a
// page that was there before.

import { fileURLToPath } from 'node:url';
import { interleave } from '../lib/statistics.mjs';
import { launch, servePages } from './pages.mjs';

export const title = 'Start';
const BASE = 'bare fetch';
const PAGES = {
  [BASE]: './bare.js',
  '@bizfirst/ancp-core': '../size/ancp.js',
  '@a2a-js/sdk': '../size/a2a.js',
  '@modelcontextprotocol/sdk': '../size/mcp.js',
  '@microsoft/signalr': '../size/signalr.js',
  openai: '../size/openai.js',
};
const ROUNDS = 15;
/** Chromium keeps compiled code from the third visit on. */
const VISITS_BEFORE = 4;

export async function run({ progress }) {
  const names = Object.keys(PAGES);
  const modules = Object.values(PAGES).map((file, at) => [at, fileURLToPath(new URL(file, import.meta.url))]);
  const { origin, stop } = await servePages(Object.fromEntries(modules));
  const browser = await launch();
  try {
    const contenders = Object.fromEntries(names.map((name, at) => [name, `${origin}/${at}/`]));
    const cold = (url) => inContext(browser, (context) => start(context, url));
    await interleave(contenders, BASE, 2, cold);
    const cases = [progress({ case: 'empty cache', ...(await interleave(contenders, BASE, ROUNDS, cold)) })];
    await inContext(browser, async (context) => {
      const warm = (url) => start(context, url);
      await interleave(contenders, BASE, VISITS_BEFORE, warm);
      cases.push(progress({ case: 'in the HTTP cache', ...(await interleave(contenders, BASE, ROUNDS, warm)) }));
    });
    return { about: { chromium: browser.version() }, base: BASE, unit: 'ms', cases };
  } finally {
    await browser.close();
    stop();
  }
}

async function inContext(browser, use) {
  const context = await browser.newContext();
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

async function start(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  // The page's clock, for both ends.
  const took = await page.waitForFunction(() => {
    const [request] = performance.getEntriesByType('resource').filter(({ name }) => !/assets|favicon/.test(name));
    return request && request.requestStart - performance.getEntriesByName('start')[0].startTime;
  });
  const milliseconds = await took.jsonValue();
  await page.close();
  return milliseconds;
}
