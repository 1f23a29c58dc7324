import { createAncpHooks } from '@bizfirst/ancp-react';
import { type ReactNode, useState } from 'react';

/** What the node offers, as far as it is used here. */
interface Actions {
  'get-order': { payload: { orderId: string }; result: { status: string; total: number; currency: string } };
  'log-event': { pattern: 'fire-and-forget'; payload: { eventType: string; runtime: string } };
  'generate-report': { payload: { year: number; rows: number; delayMs: number }; chunk: { amount: number } };
  'run-payroll': {
    pattern: 'task-start';
    payload: { month: string; ms: number };
    result: { employeesProcessed: number; totalPaid: number };
  };
}

const { useAncpClient, useAncpPing, useAncpCapabilities, useAncpQuery, useAncpInvoke, useAncpStream, useAncpTask } =
  createAncpHooks<Actions>();

/** A part for each hook: what it shows, and the button that sets it off. */
export function Panel() {
  return (
    <main>
      <Reachability />
      <Offers />
      <Read />
      <Order />
      <Event />
      <Report />
      <Payroll />
    </main>
  );
}

function Part({ hook, onClick, children }: { hook: string; onClick?: () => void; children: ReactNode }) {
  return (
    <section aria-label={hook}>
      {onClick && (
        <button type="button" onClick={onClick}>
          {hook}
        </button>
      )}
      <output>{children}</output>
    </section>
  );
}

function Reachability() {
  const { isLoading, isReachable, response } = useAncpPing();
  return (
    <Part hook="useAncpPing">
      {isLoading ? 'asking' : isReachable ? `node ${response?.nodeId} is reachable` : 'offline'}
    </Part>
  );
}

function Offers() {
  const { isLoading, actions, payableActions } = useAncpCapabilities();
  const text = `${actions.length} actions, ${payableActions.length} of them cost something`;
  return <Part hook="useAncpCapabilities">{isLoading ? 'asking' : text}</Part>;
}

function Read() {
  const { isLoading, data, error } = useAncpQuery('get-order', { orderId: 'ORD-1' });
  return <Part hook="useAncpQuery">{isLoading ? 'asking' : (error?.code ?? `ORD-1 is ${data?.status}`)}</Part>;
}

function Order() {
  const { invoke, isLoading, data, error } = useAncpInvoke('get-order');
  return (
    <Part hook="useAncpInvoke" onClick={() => void invoke({ orderId: 'ORD-2' })}>
      {isLoading ? 'asking' : (error?.code ?? (data && `ORD-2 is ${data.status}, ${data.total} ${data.currency}`))}
    </Part>
  );
}

function Event() {
  const client = useAncpClient();
  const [text, setText] = useState('');
  const send = async () => {
    await client.fireAndForget('log-event', { eventType: 'demo', runtime: 'react' });
    setText('the event was accepted');
  };
  return (
    <Part hook="useAncpClient" onClick={() => void send()}>
      {text}
    </Part>
  );
}

function Report() {
  const { start, value, chunkCount, isDone, error } = useAncpStream('generate-report', {
    initialValue: 0,
    reducer: (sum, { amount }) => sum + amount,
  });
  return (
    <Part hook="useAncpStream" onClick={() => void start({ year: 2026, rows: 5, delayMs: 50 })}>
      {error?.code ?? (chunkCount > 0 && `${chunkCount} rows, ${value} in all${isDone ? ': complete' : ''}`)}
    </Part>
  );
}

function Payroll() {
  const { run, status, progress, isRunning, error } = useAncpTask('run-payroll');
  const result = status?.result;
  return (
    <Part hook="useAncpTask" onClick={() => void run({ month: '2026-03', ms: 500 })}>
      {error?.code ?? (isRunning ? `${Math.round((progress ?? 0) * 100)} %` : status?.state)}
      {result && `: ${result.employeesProcessed} employees got ${result.totalPaid}`}
    </Part>
  );
}
