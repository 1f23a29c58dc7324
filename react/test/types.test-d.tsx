import {
  type ActionDescriptor,
  type AncpClient,
  type AncpError,
  FakeAncpClient,
  type TaskId,
  type TaskStatus,
  type UntypedResult,
} from '@bizfirst/ancp-core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { expectTypeOf, it } from 'vitest';
import {
  AncpProvider,
  ancpMutationOptions,
  ancpQueryOptions,
  createAncpHooks,
  useAncpCapabilities,
  useAncpInvoke,
  useAncpPing,
  useAncpQuery,
  useAncpStream,
  useAncpTask,
} from '../src/index.js';

interface Order {
  orderId: string;
  status: string;
}

interface MyActions {
  'get-order': { payload: { orderId: string }; result: Order };
  now: { result: string };
  'log-event': { pattern: 'fire-and-forget'; payload: { eventType: string } };
  'generate-report': { payload: { year: number }; chunk: { row: string }; result: number };
  'run-payroll': { pattern: 'task-start'; payload: { month: string }; result: { totalPaid: number } };
}

it('without a map, types are named per hook', () => {
  const order = useAncpInvoke<{ orderId: string }, Order>('get-order');
  expectTypeOf(order.invoke({ orderId: '1' }, { timeout: 1 })).resolves.toEqualTypeOf<Order>();
  expectTypeOf(order.data).toEqualTypeOf<Order | undefined>();
  expectTypeOf(order.error).toEqualTypeOf<AncpError | undefined>();
  // @ts-expect-error wrong payload
  void order.invoke({ orderId: 1 });
  // @ts-expect-error no payload
  void order.invoke();
  const anything = useAncpInvoke('get-order');
  expectTypeOf(anything.invoke()).resolves.toEqualTypeOf<UntypedResult>();
  void anything.invoke({ any: 'thing' });

  const report = useAncpStream<{ year: number }, { row: string }>('generate-report', { maxChunks: 5 });
  expectTypeOf(report.chunks).toEqualTypeOf<readonly { row: string }[]>();
  expectTypeOf(report.latest).toEqualTypeOf<{ row: string } | undefined>();
  expectTypeOf(report.value).toEqualTypeOf<undefined>();
  const text = useAncpStream<undefined, string, string>('chat', { initialValue: '', reducer: (a, b) => a + b });
  expectTypeOf(text.value).toEqualTypeOf<string>();
  void text.start();
  // @ts-expect-error a reducer needs something to begin with
  useAncpStream<undefined, string, string>('chat', { reducer: (a, b) => a + b });

  const payroll = useAncpTask<{ month: string }>('run-payroll');
  expectTypeOf(payroll.run({ month: '1' }, { timeoutMs: 1 })).resolves.toEqualTypeOf<TaskStatus>();
  expectTypeOf(payroll.progress).toEqualTypeOf<number | null>();

  expectTypeOf(useAncpQuery<{ orderId: string }, Order>('get-order', { orderId: '1' }).data).toEqualTypeOf<
    Order | undefined
  >();
  expectTypeOf(useAncpCapabilities().payableActions).toEqualTypeOf<readonly ActionDescriptor[]>();
  expectTypeOf(useAncpPing({ intervalMs: 1000 }).isReachable).toEqualTypeOf<boolean>();
});

it('with a map, names, payloads and results are checked', () => {
  const hooks = createAncpHooks<MyActions>();

  const order = hooks.useAncpInvoke('get-order');
  expectTypeOf(order.invoke({ orderId: '1' })).resolves.toEqualTypeOf<Order>();
  expectTypeOf(hooks.useAncpInvoke('now').invoke()).resolves.toEqualTypeOf<string>();
  // @ts-expect-error wrong payload
  void order.invoke({ orderId: 1 });
  // @ts-expect-error no payload
  void order.invoke();
  // @ts-expect-error no such action
  hooks.useAncpInvoke('get-orders');
  // @ts-expect-error another pattern
  hooks.useAncpInvoke('generate-report');

  const report = hooks.useAncpStream('generate-report');
  expectTypeOf(report.chunks).toEqualTypeOf<readonly { row: string }[]>();
  expectTypeOf(report.summary).toEqualTypeOf<number | undefined>();
  void report.start({ year: 2026 });
  // @ts-expect-error wrong payload
  void report.start({ year: '2026' });
  const rows = hooks.useAncpStream('generate-report', { initialValue: 0, reducer: (count) => count + 1 });
  expectTypeOf(rows.value).toEqualTypeOf<number>();
  const lengths = hooks.useAncpStream('generate-report', {
    initialValue: [] as string[],
    reducer: (all, { row }) => [...all, row],
  });
  expectTypeOf(lengths.value).toEqualTypeOf<string[]>();
  // @ts-expect-error another pattern
  hooks.useAncpStream('get-order');

  const payroll = hooks.useAncpTask('run-payroll');
  expectTypeOf(payroll.run({ month: '1' })).resolves.toEqualTypeOf<TaskStatus<{ totalPaid: number }>>();
  expectTypeOf(payroll.start({ month: '1' })).resolves.toEqualTypeOf<TaskId<{ totalPaid: number }>>();
  expectTypeOf(payroll.status?.result?.totalPaid).toEqualTypeOf<number | undefined>();
  hooks.useAncpTask('run-payroll', { taskId: 'T1' });
  // @ts-expect-error another pattern
  hooks.useAncpTask('get-order');

  expectTypeOf(hooks.useAncpQuery('get-order', { orderId: '1' }).data).toEqualTypeOf<Order | undefined>();
  expectTypeOf(hooks.useAncpQuery('now').data).toEqualTypeOf<string | undefined>();
  expectTypeOf(hooks.useAncpSuspenseQuery('now', undefined, { staleMs: 1 }).data).toEqualTypeOf<string>();
  // @ts-expect-error no payload
  hooks.useAncpQuery('get-order');
  expectTypeOf(hooks.useAncpClient()).toEqualTypeOf<AncpClient<MyActions>>();
});

it('the provider takes any client', () => {
  void (<AncpProvider client={new FakeAncpClient()} />);
  void (<AncpProvider client={new FakeAncpClient<MyActions>()} />);
  void (<AncpProvider options={{ baseUrl: '', nodeId: 42 }} />);
  // @ts-expect-error one of them
  void (<AncpProvider />);
  // @ts-expect-error not both
  void (<AncpProvider client={new FakeAncpClient()} options={{ baseUrl: '', nodeId: 42 }} />);
});

it('the options for TanStack Query carry the types', () => {
  const typed = createAncpHooks<MyActions>().useAncpClient();
  const untyped = new FakeAncpClient();
  expectTypeOf(useQuery(ancpQueryOptions(typed, 'get-order', { orderId: '1' })).data).toEqualTypeOf<
    Order | undefined
  >();
  // @ts-expect-error no such action
  ancpQueryOptions(typed, 'get-orders', { orderId: '1' });
  // @ts-expect-error wrong payload
  ancpQueryOptions(typed, 'get-order', { orderId: 1 });
  expectTypeOf(useQuery(ancpQueryOptions<Order>(untyped, 'get-order', {})).data).toEqualTypeOf<Order | undefined>();
  // @ts-expect-error no such action
  ancpMutationOptions(typed, 'get-orders');
  const { mutateAsync } = useMutation(ancpMutationOptions(typed, 'get-order'));
  expectTypeOf(mutateAsync({ orderId: '1' })).resolves.toEqualTypeOf<Order>();
  const other = useMutation(ancpMutationOptions<string, Order>(untyped, 'get-order'));
  expectTypeOf(other.mutateAsync('a')).resolves.toEqualTypeOf<Order>();
});
