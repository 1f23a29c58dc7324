import { FakeAncpClient } from '@bizfirst/ancp-core';
import { act, screen } from '@testing-library/react';
import { StrictMode, Suspense } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { beforeEach, expect, it, vi } from 'vitest';
import {
  AncpProvider,
  useAncpCapabilities,
  useAncpInvoke,
  useAncpPing,
  useAncpQuery,
  useAncpStream,
  useAncpSuspenseQuery,
  useAncpTask,
} from '../src/index.js';

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active' });
});

function Page() {
  const { isLoading } = useAncpInvoke('get-order');
  const { value } = useAncpStream<undefined, string, string>('chat', {
    initialValue: 'empty',
    reducer: (a, b) => a + b,
  });
  const { isRunning } = useAncpTask('run-payroll', { taskId: 'T1' });
  const { actions } = useAncpCapabilities();
  const ping = useAncpPing();
  const query = useAncpQuery<undefined, { status: string }>('get-order');
  return (
    <output>
      {`${isLoading} ${value} ${isRunning} ${actions.length} ${ping.isLoading} ${ping.isReachable} ${query.isLoading} ${query.data?.status}`}
    </output>
  );
}

function Order() {
  return <p>{useAncpSuspenseQuery<undefined, { status: string }>('get-order').data.status}</p>;
}

it('renders on the server without asking for anything, and goes on in the browser', async () => {
  const app = (
    <StrictMode>
      <AncpProvider client={fake}>
        <Page />
      </AncpProvider>
    </StrictMode>
  );
  const fetch = vi.spyOn(globalThis, 'fetch');
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const html = renderToString(app);
  expect(html).toContain('false empty false 0 true false true undefined');
  expect(fake.capturedCalls).toHaveLength(0);
  expect(timers).not.toHaveBeenCalled();

  const container = document.createElement('div');
  document.body.append(container);
  container.innerHTML = html;
  const errors = vi.spyOn(console, 'error');
  const onRecoverableError = vi.fn();
  const root = await act(async () => hydrateRoot(container, app, { onRecoverableError }));
  await screen.findByText(/false empty false 1 false true false Active/);
  expect(onRecoverableError).not.toHaveBeenCalled();
  expect(errors).not.toHaveBeenCalled();
  expect(fetch).not.toHaveBeenCalled();
  // Though effects run twice.
  const actions = fake.capturedCalls.map(({ action }) => action);
  expect(actions.sort()).toEqual(['ancp.capabilities', 'ancp.ping', 'get-order']);
  act(() => root.unmount());
  container.remove();
  vi.restoreAllMocks();
});

it('makes a client of options on the server, too', () => {
  const fetch = vi.fn();
  renderToString(
    <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42, fetch }}>
      <Page />
    </AncpProvider>,
  );
  expect(fetch).not.toHaveBeenCalled();
});

it('leaves what suspends to the browser', async () => {
  const app = (
    <AncpProvider client={fake}>
      <Suspense fallback={<p>waiting</p>}>
        <Order />
      </Suspense>
    </AncpProvider>
  );
  const html = renderToString(app);
  expect(html).toContain('waiting');
  expect(fake.capturedCalls).toHaveLength(0);
  const container = document.createElement('div');
  document.body.append(container);
  container.innerHTML = html;
  const root = await act(async () => hydrateRoot(container, app, { onRecoverableError: () => {} }));
  await screen.findByText('Active');
  expect(fake.capturedCalls).toHaveLength(1);
  act(() => root.unmount());
  container.remove();
});
