// The hooks of the React package: rendered on a server first, then live in a DOM (jsdom), against a node that is told by
// the environment. `cargo xtask demo` starts such a node and runs this.
import assert from 'node:assert/strict';
import type { AncpClientOptions } from '@bizfirst/ancp-core';
import { AncpProvider } from '@bizfirst/ancp-react';
import { JSDOM } from 'jsdom';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { Panel } from './panel.tsx';
import { watch } from './watch.ts';

const { ANCP_BASE_URL, ANCP_NODE_ID, ANCP_TENANT_ID, ANCP_API_KEY } = process.env;
assert(ANCP_BASE_URL && ANCP_NODE_ID && ANCP_API_KEY, 'ANCP_BASE_URL is not set: run `cargo xtask demo`');

const options: AncpClientOptions = {
  baseUrl: ANCP_BASE_URL,
  nodeId: ANCP_NODE_ID,
  tenantId: ANCP_TENANT_ID,
  auth: { apiKey: ANCP_API_KEY },
};

const app = (
  <StrictMode>
    <AncpProvider options={options}>
      <Panel />
    </AncpProvider>
  </StrictMode>
);

function tell(what: string, text: string) {
  console.log(`${what.padEnd(20)} ${text}`);
}

// On the server, nothing is asked for.
const html = renderToString(app);
const { window } = new JSDOM(`<div id="root">${html}</div>`);
const parts = [...window.document.querySelectorAll('output')].map(({ textContent }) => textContent || '–');
tell('on the server', parts.join(', '));

// In the browser, hydration takes over what the server has sent.
for (const name of ['window', 'document', 'navigator'] as const) {
  // Newer versions of Node.js have a `navigator` that cannot be assigned.
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
const { hydrateRoot } = await import('react-dom/client');
const container = window.document.getElementById('root');
assert(container);
const page = watch(window, container, tell);
const root = hydrateRoot(container, app, {
  onRecoverableError: (error) => assert.fail(`the hydration does not fit: ${error}`),
});
try {
  await page.shows('useAncpPing', 'is reachable');
  await page.shows('useAncpCapabilities', 'actions');
  await page.shows('useAncpQuery', 'ORD-1 is Active');
  page.click('useAncpInvoke');
  await page.shows('useAncpInvoke', 'ORD-2 is Active');
  page.click('useAncpClient');
  await page.shows('useAncpClient', 'accepted');
  page.click('useAncpStream');
  await page.shows('useAncpStream', '5 rows');
  await page.shows('useAncpStream', 'complete');
  page.click('useAncpTask');
  await page.shows('useAncpTask', 'Completed');
} finally {
  root.unmount();
  window.close();
}
