// Pages, bundled by Vite and served on loopback to a headless Chromium.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import * as vite from 'vite';
import { CHROMIUM } from '../../tests/chromium.mjs';

/**
 * Serves pages: `/{name}/` is a document whose script imports what was bundled of the page's module. All requests to the
 * API are refused by 404.
 *
 * @param modules The files by page name. `https://api.example.com` in them becomes `/api` of this server.
 */
export async function servePages(modules) {
  const files = new Map();
  const server = createServer(({ url }, response) => {
    const file = files.get(url);
    if (!file) {
      // Without a body: the browser's entry for a request ends with the body's last byte, which not everybody reads.
      response.writeHead(404, { 'content-length': 0, 'cache-control': 'no-store' }).end();
      return;
    }
    response.writeHead(200, file.headers).end(file.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;

  for (const [name, module] of Object.entries(modules)) {
    const base = `/${name}/`;
    for (const part of await bundle(module, base)) {
      const body = (part.code ?? part.source).toString().replaceAll('https://api.example.com', `${origin}/api`);
      const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=31536000, immutable' };
      files.set(base + part.fileName, { headers, body });
      if (part.isEntry) files.set(base, document(base + part.fileName));
    }
  }
  return { origin, stop: () => server.close() };
}

function document(script) {
  const headers = { 'content-type': 'text/html', 'cache-control': 'no-store' };
  const start = `performance.mark('start'); import('${script}').catch(() => {});`;
  return {
    headers,
    body: `<!doctype html><title>bench</title><div id="root"></div><script type="module">${start}</script>`,
  };
}

async function bundle(module, base) {
  const { output } = await vite.build({
    configFile: false,
    logLevel: 'error',
    base,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target: 'es2022', modulePreload: { polyfill: false }, rollupOptions: { input: module } },
  });
  return output;
}

export function launch() {
  return chromium.launch(CHROMIUM);
}
