// Every React snippet of the READMEs, as it stands there, rendered and used.

import * as core from '@bizfirst/ancp-core';
import { type AncpClientOptions, FakeAncpClient } from '@bizfirst/ancp-core';
import * as tanstack from '@tanstack/react-query';
import * as testing from '@testing-library/react';
import { fireEvent, render, screen } from '@testing-library/react';
import * as React from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import ts from 'typescript';
import * as vitest from 'vitest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as hooks from '../src/index.js';
import { SNIPPETS } from './snippets.js';

const MODULES: Readonly<Record<string, unknown>> = {
  '@bizfirst/ancp-core': core,
  '@bizfirst/ancp-react': hooks,
  '@tanstack/react-query': tanstack,
  '@testing-library/react': testing,
  react: React,
  'react/jsx-runtime': jsxRuntime,
  vitest,
};

type Components = Readonly<Record<string, React.FunctionComponent<Record<string, unknown>>>>;

/** Runs a snippet as a module. What it declares at the top counts as exported. */
function run(code: string): Components {
  const declared = [...code.matchAll(/^function (\w+)/gm)].map(([, name]) => name);
  const { outputText } = ts.transpileModule(`${code}\nexport { ${declared.join()} };`, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      jsx: ts.JsxEmit.ReactJSX,
      esModuleInterop: true,
    },
  });
  const exports = {};
  new Function('require', 'exports', outputText)((name: string) => {
    if (!(name in MODULES)) throw new Error(`a snippet imports ${name}`);
    return MODULES[name];
  }, exports);
  return exports;
}

// One of them is a test file: its test is run with those below.
const modules = SNIPPETS.map(run);

/** The component that a snippet shows; where several snippets do, the `n`th. */
function component(name: string, n = 0): React.FunctionComponent<Record<string, unknown>> {
  const found = modules.map((exports) => exports[name]).filter((exported) => exported !== undefined)[n];
  if (!found) throw new Error(`no snippet has ${name}`);
  return found;
}

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active' });
  fake.setupStream('generate-report', [{ row: 'a' }, { row: 'b' }]);
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

const show = (name: string, props: object = {}, n?: number) => {
  const Shown = component(name, n);
  return render(
    <hooks.AncpProvider client={fake}>
      <Shown {...props} />
    </hooks.AncpProvider>,
  );
};
const click = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));
const actions = () => fake.capturedCalls.map(({ action }) => action);

it.each([
  ['the quick start of the repository', 0],
  ['the quick start of the package', 1],
])('%s', async (_, n) => {
  const node = new FakeAncpClient({ baseUrl: 'https://api.bizfirst.internal' });
  node.setupResponse('get-order', { status: 'Active' });
  node.setupStream('chat', [{ text: 'Hello' }, { text: ' yourself' }]);
  vi.stubGlobal('fetch', (node as unknown as { _node: { fetch: AncpClientOptions['fetch'] } })._node.fetch);
  const App = component('App', n);
  render(<App token="token" />);
  click('Where is my order?');
  await screen.findByText('Active');
  if (n === 0) return;
  click('Ask');
  await screen.findByText('Hello yourself');
});

it('useAncpClient', async () => {
  fake.setupResponse('log-event');
  show('Logout');
  click('Log out');
  await vi.waitFor(() => expect(actions()).toEqual(['log-event']));
});

it('useAncpInvoke', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  show('Order');
  click('get');
  await screen.findByText('Active');
  click('forget');
  expect(screen.getByRole('status').textContent).toBe('');
  fake.setupError('get-order', new core.AncpError('5 USDC first', 402));
  click('get');
  await screen.findByText('5 USDC first');
  expect(log.mock.calls).toEqual([['Active'], ['not paid']]);
  log.mockRestore();
});

it('useAncpStream', async () => {
  show('Report');
  click('start');
  await screen.findByText('complete');
  expect(screen.getByText(/^a\s+b$/)).toBeDefined();
});

it('useAncpTask, over a reload', async () => {
  const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
  const { unmount } = show('Payroll');
  click('run');
  await screen.findByRole('button', { name: 'cancel' });
  await vi.waitFor(() => expect(sessionStorage.getItem('payroll')).toBe('task-1'));
  unmount();
  show('Payroll');
  await screen.findByRole('button', { name: 'cancel' });
  await payroll.complete({ totalPaid: 12 });
  await screen.findByText('paid 12');
  expect(actions()).toEqual(['run-payroll']);
});

it('useAncpQuery', async () => {
  fake.setupError('get-order', new core.AncpError('not now', 403));
  show('OrderStatus', { orderId: 'ORD-123' }, 2);
  await screen.findByText('not now: try again');
  fake.setupResponse('get-order', { status: 'Active' });
  click('not now: try again');
  await screen.findByText('Active');
});

it('useAncpSuspenseQuery', async () => {
  show('Page');
  expect(screen.getByText('loading')).toBeDefined();
  await screen.findByText('Active');
});

it('TanStack Query', async () => {
  fake.setupResponse('cancel-order', null);
  const Order = component('Order', 1);
  render(
    <tanstack.QueryClientProvider client={new tanstack.QueryClient()}>
      <hooks.AncpProvider client={fake}>
        <Order orderId="ORD-123" />
      </hooks.AncpProvider>
    </tanstack.QueryClientProvider>,
  );
  await screen.findByText('cancel the Active order');
  click(/^cancel/);
  await vi.waitFor(() => expect(actions()).toEqual(['get-order', 'cancel-order']));
});

it('useAncpCapabilities and useAncpPing', async () => {
  show('Node');
  await screen.findByText('generate-report (streaming)');
  click('ask again');
  await vi.waitFor(() => expect(actions().filter((action) => action === 'ancp.capabilities').length).toBe(2));
});

it('createAncpHooks', async () => {
  show('RowCount');
  click('0 rows');
  await screen.findByText('2 rows');
});
