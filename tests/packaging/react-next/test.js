// Builds the application, and opens the page that its server has rendered.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { openPage } from '../support/browser.mjs';

// Next.js bundles nothing from outside of the project.
copyFileSync('../support/page.mjs', 'app/page.mjs');
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
const next = ['node_modules/next/dist/bin/next'];

const build = spawn(process.execPath, [...next, 'build'], { env, stdio: 'inherit' });
const [code] = await once(build, 'exit');
assert.equal(code, 0, '`next build` failed');

const server = spawn(process.execPath, [...next, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = await urlOf(server);
  const html = await (await fetch(url)).text();
  // The state before any call, and what the server component has read.
  for (const part of ['>loading<', '>waiting<', '>ORD-1<', '>idle<']) assert.ok(html.includes(part), `no ${part}`);
  await openPage(url);
} finally {
  server.kill();
}

/** Where the server listens, as it says itself. */
async function urlOf({ stdout }) {
  let log = '';
  // Not the stream's own iterator: leaving that closes the pipe, which the server still writes to.
  for await (const [text] of on(stdout.setEncoding('utf8'), 'data', { close: ['end'] })) {
    log += text;
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(log) ?? [];
    if (url) {
      stdout.resume();
      return url;
    }
  }
  throw new Error(`the server did not start: ${log}`);
}
