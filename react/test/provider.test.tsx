import { AncpClient, type AncpClientOptions, FakeAncpClient } from '@bizfirst/ancp-core';
import { act, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import * as React from 'react';
import { memo, Suspense, useState, useTransition } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  AncpProvider,
  useAncpClient,
  useAncpInvoke,
  useAncpPing,
  useAncpSuspenseQuery,
  useAncpTask,
} from '../src/index.js';
import { quietly } from './quietly.js';

let node: FakeAncpClient;
let sent: (string | undefined)[];
let fetch: NonNullable<AncpClientOptions['fetch']>;
beforeEach(() => {
  node = new FakeAncpClient();
  sent = [];
  const answer = (node as unknown as { _node: { fetch: typeof fetch } })._node.fetch;
  fetch = (url, init) => {
    sent.push(init.headers.Authorization ?? init.headers.authorization);
    return answer(url, init);
  };
});
afterEach(() => vi.restoreAllMocks());

it('makes one client of options that are written inline', async () => {
  const clients = new Set<AncpClient>();
  function Child() {
    clients.add(useAncpClient());
    const { isReachable } = useAncpPing();
    return <output>{String(isReachable)}</output>;
  }
  let rerender = () => {};
  function App() {
    const [count, setCount] = useState(0);
    rerender = () => setCount((n) => n + 1);
    return (
      <AncpProvider
        options={{
          baseUrl: new URL('https://fake.invalid'),
          nodeId: 42,
          auth: { jwtToken: () => 'token' },
          headers: new Headers({ 'x-a': '1' }),
          fetch: (url, init) => fetch(url, init),
        }}
      >
        <Child key={count} />
      </AncpProvider>
    );
  }
  render(<App />);
  await screen.findByText('true');
  for (let n = 0; n < 5; n++) act(() => rerender());
  expect(clients.size).toBe(1);
  expect(sent).toHaveLength(1);
});

it('lets changed credentials take effect, and what runs finish', async () => {
  let answer = (_: string) => {};
  node.setupResponse(
    'slow',
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  let token = 'a';
  const { result, rerender } = renderHook(
    () => ({ client: useAncpClient(), ...useAncpInvoke<undefined, string>('slow') }),
    {
      wrapper: ({ children }) => (
        <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42, auth: { jwtToken: token }, fetch }}>
          {children}
        </AncpProvider>
      ),
    },
  );
  const { client, invoke } = result.current;
  act(() => void invoke());
  await waitFor(() => expect(sent).toEqual(['Bearer a']));
  token = 'b';
  rerender();
  expect(result.current.client).not.toBe(client);
  expect(result.current.invoke).toBe(invoke);
  await act(async () => answer('finished'));
  await waitFor(() => expect(result.current.data).toBe('finished'));
  act(() => void invoke());
  await waitFor(() => expect(sent).toEqual(['Bearer a', 'Bearer b']));
});

it('makes one client for a transition that waits for its data', async () => {
  node.setupResponse('who', 'me');
  function Who() {
    return <output>{useAncpSuspenseQuery<undefined, string>('who').data}</output>;
  }
  function App() {
    const [token, setToken] = useState('a');
    const [isPending, start] = useTransition();
    return (
      <>
        <button type="button" onClick={() => start(() => setToken('b'))}>
          {isPending ? 'switching' : `token ${token}`}
        </button>
        <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42, auth: { jwtToken: token }, fetch }}>
          <Suspense fallback="waiting">
            <Who />
          </Suspense>
        </AncpProvider>
      </>
    );
  }
  render(<App />);
  await screen.findByText('me');
  fireEvent.click(screen.getByRole('button'));
  // Each further request would be one of a client that was made anew.
  await waitFor(() => expect(sent.length > 3 || screen.queryByText('token b')).toBeTruthy());
  expect(sent).toEqual(['Bearer a', 'Bearer b']);
});

it('closes a client of its own after it has unmounted, and no other', async () => {
  const close = vi.spyOn(AncpClient.prototype, 'close');
  const own = render(
    <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42, fetch }}>
      <Ping />
    </AncpProvider>,
  );
  await screen.findByText('true');
  expect(close).not.toHaveBeenCalled();
  own.unmount();
  await waitFor(() => expect(close).toHaveBeenCalledTimes(1));
  const given = render(
    <AncpProvider client={node}>
      <Ping />
    </AncpProvider>,
  );
  await screen.findByText('true');
  given.unmount();
  await Promise.resolve();
  expect(close).toHaveBeenCalledTimes(1);
});

it('goes from options to a client and back', async () => {
  const seen: AncpClient[] = [];
  const See = () => {
    const client = useAncpClient();
    if (seen.at(-1) !== client) seen.push(client);
    return null;
  };
  const options = { baseUrl: 'https://fake.invalid', nodeId: 42 };
  const { rerender } = render(
    <AncpProvider options={options}>
      <See />
    </AncpProvider>,
  );
  rerender(
    <AncpProvider client={node}>
      <See />
    </AncpProvider>,
  );
  expect(seen.at(-1)).toBe(node);
  rerender(
    <AncpProvider options={options}>
      <See />
    </AncpProvider>,
  );
  expect(seen.at(-1)).not.toBe(node);
});

// Of React 19 and newer.
it.skipIf(!('Activity' in React))('keeps its client while it is hidden, for what comes back with it', async () => {
  const { Activity } = React;
  node.driveTask('run-payroll');
  const taskId = await node.startTask('run-payroll');
  const close = vi.spyOn(AncpClient.prototype, 'close');
  const Payroll = () => {
    const { status, error } = useAncpTask('run-payroll', { taskId });
    return <output>{error?.code ?? status?.state}</output>;
  };
  const Provided = memo(() => (
    <AncpProvider options={{ baseUrl: 'https://fake.invalid', nodeId: 42, fetch }}>
      <Payroll />
    </AncpProvider>
  ));
  const page = (mode: 'hidden' | 'visible') => (
    <Activity mode={mode}>
      <Provided />
    </Activity>
  );
  const { rerender, unmount } = render(page('visible'));
  await screen.findByText('Pending');
  rerender(page('hidden'));
  await act(async () => {});
  const asked = sent.length;
  rerender(page('visible'));
  await waitFor(() => expect(sent.length).toBeGreaterThan(asked));
  await screen.findByText('Pending');
  expect(close).not.toHaveBeenCalled();
  unmount();
  await waitFor(() => expect(close).toHaveBeenCalledTimes(1));
});

it('says what is missing', () => {
  quietly();
  expect(() => render(<Ping />)).toThrow('AncpProvider');
  const neither = {} as { client: AncpClient };
  expect(() =>
    render(
      <AncpProvider {...neither}>
        <Ping />
      </AncpProvider>,
    ),
  ).toThrow('with a client');
});

function Ping() {
  return <output>{String(useAncpPing().isReachable)}</output>;
}
