import type { AncpClientOptions } from '@bizfirst/ancp-core';
import {
  AncpProvider,
  createAncpHooks,
  useAncpCapabilities,
  useAncpPing,
  useAncpStream,
  useAncpSuspenseQuery,
} from '@bizfirst/ancp-react';
import { StrictMode, Suspense } from 'react';

interface Actions {
  'get-order': { payload: { orderId: string }; result: { status: string } };
  'run-payroll': {
    pattern: 'task-start';
    payload: { month: string; ms: number };
    result: { employeesProcessed: number };
  };
}

const { useAncpInvoke, useAncpTask } = createAncpHooks<Actions>();

function Node() {
  const { isReachable, isLoading } = useAncpPing();
  const { actions } = useAncpCapabilities();
  return <p id="node">{isLoading ? 'loading' : `${isReachable} ${actions.some((a) => a.action === 'get-order')}`}</p>;
}

function Order() {
  const { invoke, data, error } = useAncpInvoke('get-order');
  return (
    <button type="button" id="order" onClick={() => void invoke({ orderId: 'ORD-123' })}>
      {error?.code ?? data?.status ?? 'idle'}
    </button>
  );
}

function Report() {
  const { start, value, isDone } = useAncpStream<{ year: number; rows: number }, { row: number }, number>(
    'generate-report',
    { initialValue: 0, reducer: (sum, { row }) => sum + row },
  );
  return (
    <button type="button" id="report" onClick={() => void start({ year: 2026, rows: 100 })}>
      {`${value} ${isDone}`}
    </button>
  );
}

function Payroll() {
  const { run, status, isRunning } = useAncpTask('run-payroll');
  return (
    <button type="button" id="payroll" onClick={() => void run({ month: '2026-03', ms: 100 }, { pollIntervalMs: 50 })}>
      {isRunning ? 'running' : `${status?.state} ${status?.result?.employeesProcessed}`}
    </button>
  );
}

function Suspending() {
  const { data } = useAncpSuspenseQuery<{ orderId: string }, { status: string }>('get-order', { orderId: 'ORD-123' });
  return <p id="suspending">{data.status}</p>;
}

export function App({ options }: { options: AncpClientOptions }) {
  return (
    <StrictMode>
      <AncpProvider options={{ ...options }}>
        <Node />
        <Order />
        <Report />
        <Payroll />
        <Suspense fallback={<p>waiting</p>}>
          <Suspending />
        </Suspense>
      </AncpProvider>
    </StrictMode>
  );
}
