// The React of the public documents, as it is written there.

import { type AncpClientOptions, FakeAncpClient } from '@bizfirst/ancp-core';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import {
  AncpProvider,
  useAncpCapabilities,
  useAncpInvoke,
  useAncpPing,
  useAncpStream,
  useAncpTask,
} from '../src/index.js';

interface OrderQuery {
  orderId: string;
}
interface OrderResult {
  orderId: string;
  status: string;
  total: number;
}
interface ReportRequest {
  year: number;
}
interface ReportChunk {
  row: string;
}
interface PayrollInput {
  month: string;
}

function answering(fake: FakeAncpClient) {
  vi.stubGlobal('fetch', (fake as unknown as { _node: { fetch: AncpClientOptions['fetch'] } })._node.fetch);
}

it('Provider Setup', async () => {
  const token = 'token';
  const node = new FakeAncpClient({ baseUrl: 'https://api.bizfirst.internal' });
  answering(node);
  const YourApp = () => <output>{String(useAncpPing().isReachable)}</output>;

  function App() {
    return (
      <AncpProvider
        options={{
          baseUrl: 'https://api.bizfirst.internal',
          nodeId: 42,
          auth: { jwtToken: token },
        }}
      >
        <YourApp />
      </AncpProvider>
    );
  }

  render(<App />);
  await screen.findByText('true');
  expect(node.capturedCalls.length).toBe(1);
  vi.unstubAllGlobals();
});

it('For testing', async () => {
  const MyComponent = () => <OrderStatus orderId="ORD-1" />;

  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active' });

  render(
    <AncpProvider client={fake}>
      <MyComponent />
    </AncpProvider>,
  );

  fireEvent.click(screen.getByRole('button'));
  await screen.findByText('Active');
});

function OrderStatus({ orderId }: { orderId: string }) {
  const { invoke, data } = useAncpInvoke<OrderQuery, OrderResult>('get-order');
  return (
    <button type="button" onClick={() => void invoke({ orderId })}>
      {data?.status ?? 'get'}
    </button>
  );
}

it('useAncpInvoke', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { orderId: 'ORD-123', status: 'Active', total: 99.99 });

  function Order() {
    const { invoke, isLoading, data, error, reset } = useAncpInvoke<OrderQuery, OrderResult>('get-order');

    const handleClick = async () => {
      const result = await invoke({ orderId: 'ORD-123' });
      console.log(result.status);
    };

    return (
      <>
        <button type="button" onClick={handleClick}>
          get
        </button>
        <button type="button" onClick={reset}>
          reset
        </button>
        <output>{isLoading ? 'loading' : (error?.message ?? data?.total)}</output>
      </>
    );
  }

  render(
    <AncpProvider client={fake}>
      <Order />
    </AncpProvider>,
  );
  fireEvent.click(screen.getByText('get'));
  await screen.findByText('99.99');
  expect(log).toHaveBeenCalledExactlyOnceWith('Active');
  fireEvent.click(screen.getByText('reset'));
  expect(screen.getByRole('status').textContent).toBe('');
  log.mockRestore();
});

it('useAncpStream', async () => {
  const fake = new FakeAncpClient();
  fake.setupStream('generate-report', [{ row: 'a' }, { row: 'b' }]);
  let started = async () => {};

  function Report() {
    const { start, stop, chunks, isStreaming, isDone, error } = useAncpStream<ReportRequest, ReportChunk>(
      'generate-report',
    );

    started = async () => {
      await start({ year: 2026 });
      // chunks[] updates in real-time as SSE data arrives
    };

    return (
      <>
        <button type="button" onClick={stop}>
          stop
        </button>
        <output>{`${chunks.map((c) => c.row).join()} ${isStreaming} ${isDone} ${error?.message}`}</output>
      </>
    );
  }

  render(
    <AncpProvider client={fake}>
      <Report />
    </AncpProvider>,
  );
  await act(() => started());
  expect(screen.getByRole('status').textContent).toBe('a,b false true undefined');
});

it('useAncpTask', async () => {
  const fake = new FakeAncpClient();
  const payroll = fake.driveTask('run-payroll');
  const showSuccess = vi.fn();

  function Payroll() {
    const { run, status, isPolling, error } = useAncpTask<PayrollInput>('run-payroll');

    const handleRun = async () => {
      const finalStatus = await run({ month: '2026-03' }, { pollIntervalMs: 2000, timeoutMs: 120_000 });
      if (finalStatus.state === 'Completed') showSuccess();
    };

    return (
      <>
        <button type="button" onClick={handleRun}>
          run
        </button>
        <output>{`${status?.state} ${isPolling} ${error?.message}`}</output>
      </>
    );
  }

  render(
    <AncpProvider client={fake}>
      <Payroll />
    </AncpProvider>,
  );
  fireEvent.click(screen.getByText('run'));
  await act(() => payroll.started());
  await payroll.complete({ totalPaid: 12 });
  await waitFor(() => expect(showSuccess).toHaveBeenCalledTimes(1), { timeout: 5000 });
  expect(screen.getByRole('status').textContent).toBe('Completed false undefined');
});

it('useAncpCapabilities', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', {});
  fake.setupStream('generate-report', []);

  function Actions() {
    const { actions, payableActions, isLoading, refresh } = useAncpCapabilities();

    void [payableActions, isLoading, refresh];
    return (
      <ul>
        {actions.map((a) => (
          <li key={a.action}>
            {a.action} ({a.pattern})
          </li>
        ))}
      </ul>
    );
  }

  render(
    <AncpProvider client={fake}>
      <Actions />
    </AncpProvider>,
  );
  await waitFor(() =>
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      'get-order (request-reply)',
      'generate-report (streaming)',
    ]),
  );
});

it('useAncpPing', async () => {
  const NodeOfflineBanner = () => <p>offline</p>;
  const fake = new FakeAncpClient();

  function Page() {
    const { isReachable, isLoading } = useAncpPing();
    if (!isLoading && !isReachable) return <NodeOfflineBanner />;

    return <p>{isLoading ? 'loading' : 'online'}</p>;
  }

  render(
    <AncpProvider client={fake}>
      <Page />
    </AncpProvider>,
  );
  expect(screen.queryByText('offline')).toBeNull();
  await screen.findByText('online');
});

it('Testing with FakeAncpClient', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('get-order', { status: 'Active' });

  render(
    <AncpProvider client={fake}>
      <OrderStatus orderId="ORD-1" />
    </AncpProvider>,
  );

  fireEvent.click(screen.getByRole('button'));
  await screen.findByText('Active');
  expect(fake.capturedCalls[0]?.action).toBe('get-order');
});
