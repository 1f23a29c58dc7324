import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AncpClient, AncpError, FakeAncpClient, type TaskStatus } from '../src/index.js';

describe('FakeAncpClient', () => {
  let fake: FakeAncpClient;
  beforeEach(() => {
    fake = new FakeAncpClient();
  });
  afterEach(() => fake.close());

  it('is a client', () => {
    const client: AncpClient = fake;
    expect(client).toBeInstanceOf(AncpClient);
  });

  it('answers with a value, and captures the call', async () => {
    fake.setupResponse('get-order', { status: 'Active', total: 99.99 });
    const result = await fake.invoke(
      'get-order',
      { orderId: 'ORD-1' },
      { headers: { 'X-A': 'b' }, correlationId: 'c-1' },
    );
    expect(result).toEqual({ status: 'Active', total: 99.99 });
    expect(fake.capturedCalls).toHaveLength(1);
    expect(fake.capturedCalls[0]).toMatchObject({
      action: 'get-order',
      pattern: 'request-reply',
      payload: { orderId: 'ORD-1' },
      correlationId: 'c-1',
      headers: { 'X-A': 'b' },
    });
  });

  it('answers with what a function makes of the payload', async () => {
    fake.setupResponse('add', ({ a, b }: { a: number; b: number }) => a + b);
    expect(await fake.invoke<number>('add', { a: 1, b: 2 })).toBe(3);
  });

  it('rejects as the real one', async () => {
    fake.setupError('bad-action', new AncpError('Unauthorized', 401));
    await expect(fake.invoke('bad-action')).rejects.toMatchObject({
      code: 'unauthenticated',
      status: 401,
      message: 'Unauthorized',
    });
    await expect(fake.invoke('unknown')).rejects.toMatchObject({ code: 'action_not_found', status: 404 });
    await expect(fake.invoke('not an action')).rejects.toMatchObject({ code: 'invalid_options', status: 0 });
    const down = new AncpError('down', { code: 'network' });
    fake.setupError('down', down);
    await expect(fake.invoke('down')).rejects.toBe(down);
    fake.setupResponse('throws', () => {
      throw new Error('boom');
    });
    await expect(fake.invoke('throws')).rejects.toMatchObject({ code: 'handler_error', message: 'boom' });
    fake.setupStream('s', []);
    await expect(fake.invoke('s')).rejects.toMatchObject({ code: 'pattern_mismatch' });
  });

  it('retries where it is told to, and captures one call', async () => {
    fake = new FakeAncpClient({ retry: { maxRetries: 2, baseDelayMs: 1 } });
    fake.setupError('busy', new AncpError('busy', 503));
    await expect(fake.invoke('busy')).rejects.toMatchObject({ code: 'unavailable' });
    expect(fake.capturedCalls).toHaveLength(1);
  });

  it('accepts messages that nobody answers', async () => {
    const heard = vi.fn();
    fake.setupResponse('log-event', heard);
    expect(await fake.fireAndForget('log-event', { a: 1 })).toBeUndefined();
    expect(heard).toHaveBeenCalledWith({ a: 1 }, expect.objectContaining({ pattern: 'fire-and-forget' }));
  });

  it('streams what was set up', async () => {
    fake.setupStream('generate-report', [{ row: 1 }, { row: 2 }], { summary: 'two' });
    const stream = fake.stream('generate-report', { year: 2026 });
    expect(fake.capturedCalls).toHaveLength(0);
    expect(await stream.next()).toEqual({ done: false, value: { row: 1 } });
    expect(await stream.next()).toEqual({ done: false, value: { row: 2 } });
    expect(await stream.next()).toEqual({ done: true, value: 'two' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('streams from a generator, and fails at the end', async () => {
    fake.setupStream(
      'count',
      function* ({ to }: { to: number }) {
        for (let n = 1; n <= to; n++) yield n;
      },
      { error: new AncpError('enough', { code: 'handler_error' }) },
    );
    const seen: unknown[] = [];
    const read = async () => {
      for await (const n of fake.stream<number>('count', { to: 3 })) seen.push(n);
    };
    await expect(read()).rejects.toMatchObject({ code: 'handler_error', message: 'enough' });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('lets a test drive a stream', async () => {
    const report = fake.driveStream<number>('generate-report');
    const seen: number[] = [];
    const read = (async () => {
      for await (const n of fake.stream<number>('generate-report')) seen.push(n);
    })();
    await report.opened();
    await report.push(1);
    expect(seen).toEqual([1]);
    await report.push(2);
    expect(seen).toEqual([1, 2]);
    await report.end();
    await read;
  });

  it('tells when the consumer of a driven stream left', async () => {
    const report = fake.driveStream<number>('generate-report');
    await report.push(1);
    for await (const _ of fake.stream('generate-report')) break;
    expect(report).toMatchObject({ isOpen: false, isStopped: true });
  });

  it('plays the script of a task', async () => {
    fake.setupTask('run-payroll', [{ progress: 0.5, message: 'half' }, { result: { totalPaid: 12 } }]);
    const taskId = await fake.startTask('run-payroll', { month: '2026-03' });
    const seen: unknown[] = [];
    const status = await fake.waitForTask(taskId, {
      onProgress: ({ state, progress }) => seen.push([state, progress]),
    });
    expect(status).toMatchObject({ state: 'Completed', result: { totalPaid: 12 } });
    expect(seen).toEqual([
      ['Pending', null],
      ['Running', 0.5],
      ['Completed', 0.5],
    ]);
  });

  it('polls a task where it is told to', async () => {
    fake.setupTask('run-payroll', [{ progress: 0.5 }, { error: new AncpError('no money', { code: 'handler_error' }) }]);
    const taskId = await fake.startTask('run-payroll');
    const status = await fake.waitForTask(taskId, { pollIntervalMs: 1 });
    expect(status).toMatchObject({ state: 'Failed', error: { code: 'handler_error', message: 'no money' } });
  });

  it('does the work of a task, with input', async () => {
    fake.setupTask('approve', async (_, task) => {
      task.progress(0.1);
      return { answer: await task.input('Sure?') };
    });
    const taskId = await fake.startTask('approve');
    const statuses: TaskStatus[] = [];
    const wait = fake.waitForTask(taskId, {
      onProgress(status) {
        statuses.push(status);
        if (status.state === 'InputRequired') void fake.provideInput(taskId, { approved: true });
      },
    });
    expect((await wait).result).toEqual({ answer: { approved: true } });
    expect(fake.capturedCalls.at(-1)).toMatchObject({ action: 'approve', taskId, payload: { approved: true } });
    await expect(fake.provideInput(taskId, 1)).rejects.toMatchObject({ code: 'task_not_waiting' });
  });

  it('lets a test drive a task, and cancels it', async () => {
    const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
    const taskId = await fake.startTask('run-payroll');
    expect(payroll.taskId).toBe(taskId);
    const states: unknown[] = [];
    const wait = fake.waitForTask(taskId, { onProgress: ({ state }) => states.push(state) });
    await payroll.progress(0.5);
    expect((await fake.getTask(taskId)).progress).toBe(0.5);
    expect(await fake.cancelTask(taskId)).toMatchObject({ state: 'Cancelled' });
    expect((await wait).state).toBe('Cancelled');
    expect(states.at(-1)).toBe('Cancelled');
    await expect(fake.getTask('T9')).rejects.toMatchObject({ code: 'task_not_found' });
  });

  it('answers the system actions', async () => {
    fake.setupResponse('get-order', {});
    fake.setupStream('generate-report', []);
    expect(await fake.ping()).toMatchObject({ status: 'ok', nodeId: 42, tenantId: '7' });
    expect((await fake.getCapabilities()).actions).toMatchObject([
      { action: 'get-order', pattern: 'request-reply' },
      { action: 'generate-report', pattern: 'streaming' },
    ]);
    expect(await fake.negotiate(['get-order', 'b'])).toMatchObject({
      supported: [{ action: 'get-order' }],
      missing: ['b'],
    });
    expect(await fake.getStatus()).toMatchObject({ acceptingCalls: true });
    expect((await fake.discover()).nodes[0]).toMatchObject({ nodeId: 42, features: { taskEvents: true } });
    fake.setupResponse('ancp.ping', { status: 'busy' });
    expect(await fake.ping()).toEqual({ status: 'busy' });
    fake.reset();
    expect(fake.capturedCalls).toHaveLength(0);
    expect((await fake.getCapabilities()).actions).toEqual([]);
  });

  describe('with fake timers', () => {
    beforeEach(async () => {
      await fake.ping();
      vi.useFakeTimers();
    });
    afterEach(() => void vi.useRealTimers());

    it('delays answers, chunks and steps', async () => {
      fake.setupResponse('slow', 1, { delayMs: 1000 });
      fake.setupStream('ticks', [1, 2], { delayMs: 500 });
      const slow = fake.invoke('slow');
      await vi.advanceTimersByTimeAsync(1000);
      expect(await slow).toBe(1);
      const seen: unknown[] = [];
      const read = (async () => {
        for await (const n of fake.stream('ticks')) seen.push(n);
      })();
      await vi.advanceTimersByTimeAsync(500);
      expect(seen).toEqual([1]);
      await vi.advanceTimersByTimeAsync(500);
      expect(seen).toEqual([1, 2]);
      await read;
    });

    it('lets calls time out', async () => {
      fake.setupResponse('slow', 1, { delayMs: 60_000 });
      const slow = expect(fake.invoke('slow')).rejects.toMatchObject({ code: 'timeout', status: 0 });
      await vi.advanceTimersByTimeAsync(30_000);
      await slow;
    });
  });
});

describe('prices', () => {
  const priced = () => new FakeAncpClient().setupResponse('run', 'done').setupPrice('run', '5.00');

  it('a call must be paid, and its receipt is captured', async () => {
    const fake = priced();
    const error = await fake.invoke('run').catch((error: unknown) => error);
    expect(error).toMatchObject({
      status: 402,
      payment: { action: 'run', priceUsdc: '5.00', receiptValiditySec: 300 },
    });
    const payment = { action: 'run', txHash: '0x1', payer: '0x2' };
    const { receiptId, expiresAt, ...receipt } = await fake.pay(payment);
    expect(receipt).toEqual({ ...payment, amountUsdc: '5.00', signature: 'fake' });
    expect(await fake.invoke('run', null, { receiptId })).toBe('done');
    expect(fake.capturedCalls.map((call) => call.receiptId)).toEqual([undefined, undefined, receiptId]);
    await expect(fake.pay(payment)).rejects.toMatchObject({ paymentReason: 'already_used' });
    await expect(fake.pay({ ...payment, action: 'free' })).rejects.toMatchObject({ code: 'invalid_payload' });
    fake.setupResponse('other').setupPrice('other', '1');
    await expect(fake.invoke('other', null, { receiptId })).rejects.toMatchObject({
      paymentReason: 'receipt_mismatch',
    });
    await expect(fake.invoke('run', null, { receiptId: 'x' })).rejects.toMatchObject({
      paymentReason: 'receipt_unknown',
    });
  });

  it('are told', async () => {
    const fake = priced().setupResponse('free');
    const { prices } = await fake.getPaymentInfo();
    expect(prices).toMatchObject([{ action: 'run', priceUsdc: '5.00' }]);
    const { actions } = await fake.getCapabilities();
    expect(actions.map(({ action, priceUsdc }) => [action, priceUsdc])).toEqual([
      ['run', '5.00'],
      ['free', null],
    ]);
    fake.reset();
    expect((await fake.getPaymentInfo()).prices).toEqual([]);
  });

  it('a payer of the code under test is tried out, also where the node refuses', async () => {
    let payments = 0;
    const pay = async () => ({ txHash: `0x${++payments}`, payer: '0x2' });
    const fake = new FakeAncpClient({ payer: { pay, maxPerCall: '5', maxTotal: '50' } });
    fake.setupResponse('run', 'done').setupPrice('run', '5.00');
    const reverted = new AncpError('reverted', { code: 'payment_required', details: { reason: 'reverted' } });
    fake.setupError('ancp.pay', reverted);
    await expect(fake.invoke('run')).rejects.toMatchObject({ paymentReason: 'reverted', details: { txHash: '0x1' } });
    expect(payments).toBe(1);
  });
});
