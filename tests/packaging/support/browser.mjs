import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { node } from './node.mjs';

const LIMIT_MS = 45_000;

const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-logging=stderr',
];

/** Opens a page in headless Chromium and waits until its `runInPage` (page.mjs) reports; throws what it reports. */
export async function openPage(url) {
  const reports = await listenForReport();
  const profile = mkdtempSync(join(import.meta.dirname, '../chromium-'));
  const details = encodeURIComponent(JSON.stringify({ node, report: reports.url }));
  const chromium = spawn(
    process.env.CHROME ?? 'chromium',
    [...OPTIONS, `--user-data-dir=${profile}`, `${url}#${details}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // The page's console, among much that is of no interest; it is all there is if the page's modules don't load.
  let log = '';
  chromium.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const ended = new Promise((_, reject) => {
    chromium.on('error', reject);
    chromium.on('exit', () => reject(new Error(`Chromium ended early:\n${log}`)));
  });
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${url} reported nothing:\n${consoleOf(log)}`)), LIMIT_MS);
  });
  try {
    const problem = await Promise.race([reports.first, ended, late]);
    if (problem) throw new Error(`${url}: ${problem}\n${consoleOf(log)}`);
  } finally {
    clearTimeout(timer);
    ended.catch(() => {});
    reports.close();
    await new Promise((resolve) => {
      chromium.on('close', resolve);
      if (!chromium.kill('SIGKILL')) resolve();
    });
    // Its helpers may still be writing there.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
}

function consoleOf(log) {
  return log
    .split('\n')
    .filter((line) => line.includes(':CONSOLE'))
    .join('\n');
}

/** Where the page tells how its test ended: `first` is what it sends. */
async function listenForReport() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const first = once(server, 'request').then(async ([request, response]) => {
    const body = await text(request);
    response.end();
    return body;
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, first, close };
}
