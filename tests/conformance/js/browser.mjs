// Plays the client vectors in headless Chromium, from a plain page: no bundler, another origin than the server's. An
// argument names the vectors to play: those whose key holds it.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../../chromium.mjs';
import { main } from './server.mjs';

const PACKAGE = fileURLToPath(new URL('../../../npm/dist/', import.meta.url));
const SUITE = fileURLToPath(new URL('.', import.meta.url));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Pages at the same time. Each has a profile of its own, as a browser allows six connections to a server per profile. */
const PAGES = 4;

await main('chromium', async (server, filter) => {
  const files = createServer(serveFile).listen(0, '127.0.0.1');
  await new Promise((resolve) => files.once('listening', resolve));
  const browser = await chromium.launch(CHROMIUM);
  try {
    const pages = Array.from({ length: PAGES }, async (_, part) => {
      const page = await (await browser.newContext()).newPage();
      page.on('pageerror', (error) => console.error(`page ${part}: ${error.stack ?? error}`));
      await page.exposeFunction('log', (line) => console.log(line));
      await page.goto(`http://127.0.0.1:${files.address().port}/suite/page.html`);
      const options = { server, filter, runtime: 'chromium', part, parts: PAGES };
      return page.evaluate(async (options) => {
        const { play } = await import('./suite.mjs');
        return play({ ...options, log: globalThis.log });
      }, options);
    });
    const totals = await Promise.all(pages);
    const sum = (name) => totals.reduce((total, page) => total + page[name], 0);
    return { passed: sum('passed'), failed: sum('failed') };
  } finally {
    await browser.close();
    files.close();
  }
});

/** Serves `/package/…` and `/suite/…`. */
function serveFile(request, response) {
  const [, place, ...rest] = normalize(new URL(request.url, 'http://localhost').pathname).split('/');
  const folder = { package: PACKAGE, suite: SUITE }[place];
  const type = TYPES[extname(rest.at(-1) ?? '')];
  if (!folder || !type) {
    response.writeHead(404).end();
    return;
  }
  createReadStream(join(folder, ...rest))
    .on('error', () => response.writeHead(404).end())
    .once('open', () => response.writeHead(200, { 'content-type': type }))
    .pipe(response);
}
