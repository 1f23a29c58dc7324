import { expectTypeOf, it } from 'vitest';
import {
  AncpClient,
  type AncpClientOptions,
  type AncpError,
  type AncpPayer,
  type AncpStream,
  FakeAncpClient,
  type PaymentReason,
  type PaymentReceipt,
  type PaymentTerms,
  type TaskId,
  type TaskStatus,
  type UntypedResult,
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

declare const options: AncpClientOptions;
const untyped = new AncpClient(options);
const typed = new AncpClient<MyActions>(options);

it('without a map, types are named per call', () => {
  expectTypeOf(untyped.invoke('get-order', { orderId: 1 })).resolves.toEqualTypeOf<UntypedResult>();
  expectTypeOf(untyped.invoke('get-order').then((order) => order.status)).resolves.toEqualTypeOf<unknown>();
  expectTypeOf(untyped.invoke<Order>('get-order', { orderId: 1 })).resolves.toEqualTypeOf<Order>();
  expectTypeOf(
    untyped.invoke<{ orderId: string }, Order>('get-order', { orderId: '1' }),
  ).resolves.toEqualTypeOf<Order>();
  // @ts-expect-error the payload's type was named
  void untyped.invoke<{ orderId: string }, Order>('get-order', { orderId: 1 });
  expectTypeOf(untyped.stream('a')).toEqualTypeOf<AncpStream<UntypedResult>>();
  expectTypeOf(untyped.stream<string>('a')).toEqualTypeOf<AncpStream<string>>();
  expectTypeOf(untyped.stream<number, string>('a', 1)).toEqualTypeOf<AncpStream<string>>();
  expectTypeOf(untyped.startTask<{ month: string }>('a', { month: '1' })).resolves.toEqualTypeOf<TaskId>();
  expectTypeOf(untyped.waitForTask('T1')).resolves.toEqualTypeOf<TaskStatus>();
  expectTypeOf(untyped.waitForTask<Order>('T1').then(({ result }) => result)).resolves.toEqualTypeOf<
    Order | undefined
  >();
  expectTypeOf(untyped.fireAndForget('a', {})).resolves.toEqualTypeOf<void>();
});

it('with a map, names, payloads and results are checked', () => {
  expectTypeOf(typed.invoke('get-order', { orderId: '1' })).resolves.toEqualTypeOf<Order>();
  expectTypeOf(typed.invoke('now')).resolves.toEqualTypeOf<string>();
  expectTypeOf(typed.invoke('now', undefined, { timeout: 1 })).resolves.toEqualTypeOf<string>();
  // @ts-expect-error no such action
  void typed.invoke('get-orders', { orderId: '1' });
  // @ts-expect-error wrong payload
  void typed.invoke('get-order', { orderId: 1 });
  // @ts-expect-error no payload
  void typed.invoke('get-order');
  // @ts-expect-error another pattern
  void typed.invoke('generate-report', { year: 2026 });
  expectTypeOf(typed.stream('generate-report', { year: 2026 })).toEqualTypeOf<AncpStream<{ row: string }, number>>();
  // @ts-expect-error another pattern
  typed.stream('get-order', { orderId: '1' });
  expectTypeOf(typed.fireAndForget('log-event', { eventType: 'a' })).resolves.toEqualTypeOf<void>();
  const taskId = typed.startTask('run-payroll', { month: '1' });
  expectTypeOf(taskId).resolves.toEqualTypeOf<TaskId<{ totalPaid: number }>>();
  expectTypeOf(taskId).resolves.toExtend<string>();
  const status = taskId.then((id) => typed.waitForTask(id, { onProgress: (status) => status.result?.totalPaid }));
  expectTypeOf(status.then(({ result }) => result?.totalPaid)).resolves.toEqualTypeOf<number | undefined>();
  void typed.negotiate(['get-order']);
  // @ts-expect-error no such action
  void typed.negotiate(['get-orders']);
});

it('the fake is a client with the same map', () => {
  const fake = new FakeAncpClient<MyActions>();
  expectTypeOf(fake).toExtend<AncpClient<MyActions>>();
  expectTypeOf(new FakeAncpClient()).toExtend<AncpClient>();
  expectTypeOf(typed).toExtend<AncpClient>();
  fake.setupResponse('get-order', { orderId: '1', status: 'Active' });
  fake.setupResponse('get-order', ({ orderId }) => ({ orderId, status: 'Active' }));
  // @ts-expect-error wrong result
  fake.setupResponse('get-order', { orderId: 1 });
  fake.setupStream('generate-report', [{ row: 'a' }]);
  fake.setupTask('run-payroll', [{ result: { totalPaid: 1 } }]);
  void fake.driveTask('run-payroll').complete({ totalPaid: 1 });
  // @ts-expect-error wrong chunk
  void fake.driveStream('generate-report').push({ row: 1 });
});

it('fetch may be the global one, or any of its shape', () => {
  expectTypeOf(globalThis.fetch).toExtend<NonNullable<AncpClientOptions['fetch']>>();
  expectTypeOf(async () => ({ status: 200, json: async () => ({}) })).toExtend<
    NonNullable<AncpClientOptions['fetch']>
  >();
  expectTypeOf(new Headers()).toExtend<NonNullable<AncpClientOptions['headers']>>();
});

it('payment is typed, and a payer must have its caps', () => {
  expectTypeOf<AncpError['payment']>().toEqualTypeOf<PaymentTerms | undefined>();
  expectTypeOf<AncpError['paymentReason']>().toEqualTypeOf<PaymentReason | undefined>();
  expectTypeOf(untyped.pay({ action: 'a', txHash: '0x1', payer: '0x2' })).resolves.toEqualTypeOf<PaymentReceipt>();
  void typed.invoke('get-order', { orderId: '1' }, { receiptId: 'r' });
  const pay: AncpPayer['pay'] = async ({ priceUsdc }, { signal }) => {
    expectTypeOf(priceUsdc).toEqualTypeOf<string>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    return { txHash: '0x1', payer: '0x2' };
  };
  expectTypeOf({ pay, maxPerCall: '1', maxTotal: '2' }).toExtend<AncpPayer>();
  expectTypeOf({ pay, maxPerCall: '1' }).not.toExtend<AncpPayer>();
  expectTypeOf({ pay, maxPerCall: 1, maxTotal: 2 }).not.toExtend<AncpPayer>();
  // @ts-expect-error a hash alone is not enough
  const hash: AncpPayer['pay'] = async () => '0x1';
  void hash;
});
