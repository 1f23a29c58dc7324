import { describe, expect, it, vi } from 'vitest';
import { AncpClient, type AncpClientOptions, AncpError, type AncpPayer, type Payment } from '../src/index.js';
import { type Answer, chunk, done, events, failure, OPTIONS, type Received, result, scripted, task } from './node.js';

const TERMS = {
  action: 'run',
  priceUsdc: '1.00',
  evmAddress: '0xcccc',
  acceptedTokens: [{ symbol: 'USDC', chainId: 8453, contract: '0xdddd', decimals: 6 }],
  requiredConfirmations: 3,
  receiptValiditySec: 300,
};
const PAYMENT: Payment = { txHash: '0xaaaa', payer: '0xbbbb' };
const CAPS = { maxPerCall: '1.00', maxTotal: '10.00' };

function ncp(request: Received): { action: string; receiptId?: string } {
  return request.body.body.data.metadata.extensions.ncp;
}

/** A node whose actions cost 1 USDC. */
function priced(pay: Answer = result({ receiptId: 'r-1', expiresAt: '2999-01-01T00:00:00Z' })): Answer {
  return (request) => {
    const { action, receiptId } = ncp(request);
    if (action === 'ancp.pay') return pay(request);
    if (receiptId === undefined) {
      return failure(402, 'payment_required', { details: { ...TERMS, action } })(request);
    }
    if (request.path.endsWith('/stream')) {
      return events((request) => [chunk(request, 1, 'row'), done(request, 1)])(request);
    }
    if (request.path.endsWith('/tasks')) return task('Pending', {}, null, 202)(request);
    return result('done')(request);
  };
}

function paying(payer: AncpPayer, answer: Answer = priced(), more: Partial<AncpClientOptions> = {}) {
  const fetch = scripted(answer);
  return { client: new AncpClient({ ...OPTIONS, ...more, payer, fetch }), fetch };
}

function actions({ requests }: { requests: Received[] }): string[] {
  return requests.map((request) => ncp(request).action);
}

function failed(call: Promise<unknown>): Promise<AncpError> {
  return call.then(
    () => expect.fail('it succeeded'),
    (error: AncpError) => error,
  );
}

describe('a 402', () => {
  it('carries price and terms, and why a receipt was refused', async () => {
    const details = { ...TERMS, reason: 'receipt_expired' };
    const client = new AncpClient({ ...OPTIONS, fetch: scripted(failure(402, 'payment_required', { details })) });
    const error = await failed(client.invoke('run', null, { receiptId: 'old' }));
    expect(error.payment).toEqual(TERMS);
    expect(error.payment?.acceptedTokens[0]?.chainId).toBe(8453);
    expect(error.paymentReason).toBe('receipt_expired');
  });

  it.each([undefined, null, 'text', 5, [], { action: 'run' }, { action: 1, priceUsdc: 2 }])(
    'may have other details: %j',
    (details) => {
      const error = new AncpError('no', { code: 'payment_required', details });
      expect([error.payment, error.paymentReason]).toEqual([undefined, undefined]);
    },
  );

  it.each([
    [{}, {}],
    [{ acceptedTokens: null, evmAddress: 5, requiredConfirmations: '3', receiptValiditySec: -1 }, {}],
    [
      { acceptedTokens: [null, 'USDC', { symbol: 'USDC' }, ...TERMS.acceptedTokens] },
      { acceptedTokens: TERMS.acceptedTokens },
    ],
  ])('has terms of the right types: %j', (told, read) => {
    const details = { action: 'run', priceUsdc: '1.00', ...told };
    const error = new AncpError('no', { code: 'payment_required', details });
    const empty = { evmAddress: null, acceptedTokens: [], requiredConfirmations: 0, receiptValiditySec: 0 };
    expect(error.payment).toEqual({ action: 'run', priceUsdc: '1.00', ...empty, ...read });
  });

  it('is what alone carries them', () => {
    const error = new AncpError('no', { code: 'forbidden', details: { ...TERMS, reason: 'reverted' } });
    expect([error.payment, error.paymentReason]).toEqual([undefined, undefined]);
  });
});

describe('receiptId', () => {
  it('goes out with every pattern', async () => {
    const fetch = scripted(priced());
    const client = new AncpClient({ ...OPTIONS, fetch });
    const options = { receiptId: 'mine' };
    await client.invoke('a', null, options);
    await client.fireAndForget('b', null, options);
    await client.startTask('c', null, options);
    for await (const _ of client.stream('d', null, options));
    expect(fetch.requests.map((request) => ncp(request).receiptId)).toEqual(['mine', 'mine', 'mine', 'mine']);
  });

  it('is the caller’s own affair', async () => {
    const pay = vi.fn(async () => PAYMENT);
    const { client } = paying({ pay, ...CAPS }, failure(402, 'payment_required', { details: TERMS }));
    await expect(client.invoke('run', null, { receiptId: 'mine' })).rejects.toMatchObject({ status: 402 });
    expect(pay).not.toHaveBeenCalled();
  });
});

it('getPaymentInfo and pay ask the node', async () => {
  const fetch = scripted(
    result({ prices: [{ action: 'run', priceUsdc: '1.00', receiptValiditySec: 300 }] }),
    result({ receiptId: 'r-1' }),
  );
  const client = new AncpClient({ ...OPTIONS, fetch });
  expect((await client.getPaymentInfo()).prices[0]?.priceUsdc).toBe('1.00');
  expect((await client.pay({ action: 'run', ...PAYMENT })).receiptId).toBe('r-1');
  expect(actions(fetch)).toEqual(['ancp.payment-info', 'ancp.pay']);
  expect(fetch.requests[1]?.body.body.data.payload).toEqual({ action: 'run', ...PAYMENT });
});

describe('a payer', () => {
  it('pays for every pattern, and keeps the receipts', async () => {
    const pay = vi.fn(async () => PAYMENT);
    const { client, fetch } = paying({ pay, ...CAPS });
    expect(await client.invoke('a', { n: 1 })).toBe('done');
    await client.fireAndForget('b');
    await client.startTask('c');
    const chunks = [];
    for await (const chunk of client.stream('d')) chunks.push(chunk);
    expect(chunks).toEqual(['row']);
    expect(pay).toHaveBeenCalledTimes(4);
    expect(pay).toHaveBeenCalledWith({ ...TERMS, action: 'a' }, { signal: expect.any(AbortSignal) });
    await client.invoke('a');
    expect(pay).toHaveBeenCalledTimes(4);
    expect(actions(fetch).slice(0, 4)).toEqual(['a', 'ancp.pay', 'a', 'b']);
    expect(fetch.requests[2]?.body.body.data.payload).toEqual({ n: 1 });
    expect(fetch.requests[2]?.body.id).not.toBe(fetch.requests[0]?.body.id);
  });

  it('pays once for calls at once', async () => {
    const pay = vi.fn(async () => PAYMENT);
    const { client } = paying({ pay, ...CAPS });
    expect(await Promise.all(['run', 'run', 'run'].map((name) => client.invoke(name)))).toEqual([
      'done',
      'done',
      'done',
    ]);
    expect(pay).toHaveBeenCalledTimes(1);
  });

  it('never spends more than its caps', async () => {
    const pay = vi.fn(async () => PAYMENT);
    const { client } = paying({ pay, maxPerCall: '1', maxTotal: '2.5' });
    const calls = ['a', 'b', 'c', 'd'].map((name) => client.invoke(name));
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(pay).toHaveBeenCalledTimes(2);
    const { client: poor } = paying({ pay, maxPerCall: '0.99', maxTotal: '2.5' });
    const error = await failed(poor.invoke('run'));
    expect(error).toMatchObject({ code: 'payment_required', message: expect.stringContaining('maxPerCall') });
    expect(error.payment?.priceUsdc).toBe('1.00');
    expect(pay).toHaveBeenCalledTimes(2);
  });

  it.each([
    [{ maxTotal: '1' }, 'payer.maxPerCall'],
    [{ maxPerCall: '1' }, 'payer.maxTotal'],
    [{ maxPerCall: '1', maxTotal: '1,5' }, 'payer.maxTotal'],
    [{ ...CAPS, timeout: 0 }, 'payer.timeout'],
    [{ ...CAPS, pay: undefined }, 'payer:'],
  ])('must be complete: %j', async (options, message) => {
    const { client } = paying({ pay: async () => PAYMENT, ...options } as unknown as AncpPayer);
    const error = await failed(client.invoke('run'));
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining(message) });
  });

  it('is the cause where it throws', async () => {
    const cause = new Error('rejected in the wallet');
    const { client } = paying({ pay: () => Promise.reject(cause), ...CAPS });
    const error = await failed(client.invoke('run'));
    expect(error).toMatchObject({ code: 'payment_required', cause });
    expect(error.payment?.priceUsdc).toBe('1.00');
  });

  it.each([
    undefined,
    '0xaaaa',
    { txHash: '0xaaaa' },
    { txHash: '0xa\n0xb', payer: '0xbbbb' },
    { ...PAYMENT, txHash: 5n },
  ])('must give a payment: case %#', async (answer) => {
    const { client } = paying({ pay: async () => answer as never, ...CAPS });
    const error = await failed(client.invoke('run'));
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('{ txHash, payer }') });
  });

  it('has its transaction in the error where it bought nothing', async () => {
    const pay = failure(402, 'payment_required', { details: { reason: 'reverted' } });
    const { client } = paying({ pay: async () => PAYMENT, ...CAPS }, priced(pay));
    const error = await failed(client.invoke('run'));
    expect(error.details).toEqual({ reason: 'reverted', action: 'run', ...PAYMENT });
    expect(error.paymentReason).toBe('reverted');
    expect(error.payment).toBeUndefined();
  });

  it('is told when nobody waits any more, and what it pays serves the next call', async () => {
    let answer: (payment: Payment) => void = () => {};
    const signals: AbortSignal[] = [];
    const pay: AncpPayer['pay'] = (_, { signal }) => {
      signals.push(signal);
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const { client, fetch } = paying({ pay, ...CAPS });
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => failed(client.invoke('run', null, { signal })));
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(2));
    // The second call has been answered as well once it waits.
    await new Promise((resolve) => setTimeout(resolve, 20));
    controllers[0]?.abort();
    expect(await calls[0]).toMatchObject({ code: 'aborted' });
    expect(signals[0]?.aborted).toBe(false);
    controllers[1]?.abort();
    expect(await calls[1]).toMatchObject({ code: 'aborted' });
    expect(signals[0]?.aborted).toBe(true);
    const next = client.invoke('run');
    answer(PAYMENT);
    expect(await next).toBe('done');
    expect(signals).toHaveLength(1);
  });

  it('is told when the client is closed', async () => {
    let unwanted: AbortSignal | undefined;
    const pay: AncpPayer['pay'] = (_, { signal }) => {
      unwanted = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const { client } = paying({ pay, ...CAPS });
    const call = failed(client.invoke('run'));
    await vi.waitFor(() => expect(unwanted).toBeDefined());
    client.close();
    expect(await call).toMatchObject({ code: 'aborted' });
    expect(unwanted?.aborted).toBe(true);
  });

  it('may take no longer than its time-out', async () => {
    const { client } = paying({ pay: () => new Promise(() => {}), ...CAPS, timeout: 20 });
    const error = await failed(client.invoke('run'));
    expect(error).toMatchObject({
      code: 'payment_required',
      retryable: true,
      message: expect.stringContaining('in time'),
    });
  });

  it('may call the client itself', async () => {
    const fetch = scripted(priced());
    const client: AncpClient = new AncpClient({
      ...OPTIONS,
      fetch,
      payer: {
        async pay() {
          await client.getPaymentInfo({ receiptId: 'any' });
          return PAYMENT;
        },
        ...CAPS,
      },
    });
    expect(await client.invoke('run')).toBe('done');
  });
});
