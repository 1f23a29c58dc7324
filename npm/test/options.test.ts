import { describe, expect, it } from 'vitest';
import { AncpClient, type AncpClientOptions, type CallOptions } from '../src/index.js';
import { failure, never, OPTIONS, result, scripted } from './node.js';

/** What JavaScript callers may pass. */
type Loose<T> = { [K in keyof T]?: unknown };

describe('wrong options', () => {
  it.each<[string, Loose<AncpClientOptions>]>([
    ['baseUrl', { baseUrl: 'api.example.com' }],
    ['baseUrl', { baseUrl: undefined }],
    ['baseUrl', { baseUrl: 'https://a.example/?q=1' }],
    ['baseUrl', { baseUrl: 'https://a.example\n' }],
    ['nodeId', { nodeId: undefined }],
    ['nodeId', { nodeId: Number.NaN }],
    ['nodeId', { nodeId: -1 }],
    ['nodeId', { nodeId: 1.5 }],
    ['nodeId', { nodeId: 'a b' }],
    ['nodeId', { nodeId: {} }],
    ['tenantId', { tenantId: '' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: Number.NaN }],
    ['timeout', { timeout: 'soon' }],
    ['livenessTimeout', { livenessTimeout: 0 }],
    ['idleTimeout', { idleTimeout: -5 }],
    ['maxRetries', { retry: { maxRetries: -1 } }],
    ['payer.timeout', { payer: { pay: async () => ({}), maxPerCall: '1', maxTotal: '1', timeout: Number.NaN } }],
    ['headers', { headers: { 'a b': 'c' } }],
    ['headers', { headers: { a: 'b\r\nc: d' } }],
    ['headers', { headers: { 'content-type': 'text/plain' } }],
    ['auth', { auth: {} }],
    ['credential', { auth: { apiKey: 'a b' } }],
    ['credential', { auth: { jwtToken: '' } }],
    ['credential', { auth: { apiKey: { key: 'k' } } }],
    ['did', { auth: { did: 'did:key:z6Mk' } }],
  ])('of the client: %s %o', async (name, options) => {
    const fetch = scripted(result(1));
    const client = new AncpClient({ ...OPTIONS, fetch, ...options } as AncpClientOptions);
    const message = expect.stringContaining(name);
    await expect(client.invoke('a')).rejects.toMatchObject({ code: 'invalid_options', status: 0, message });
    expect(fetch.requests).toHaveLength(0);
  });

  it.each<[string, Loose<CallOptions>]>([
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: Number.NaN }],
    ['headers', { headers: { Accept: 'text/html' } }],
    ['headers', { headers: { a: 'ü' } }],
    ['correlationId', { correlationId: 'a\nb' }],
    ['call', { correlationId: Symbol('c') }],
  ])('of a call: %s %o', async (name, options) => {
    const fetch = scripted(result(1));
    const client = new AncpClient({ ...OPTIONS, fetch });
    const message = expect.stringContaining(name);
    await expect(client.invoke('a', null, options as CallOptions)).rejects.toMatchObject({
      code: 'invalid_options',
      message,
    });
    expect(fetch.requests).toHaveLength(0);
  });

  it('does not send what JSON can not hold', async () => {
    const fetch = scripted(result(1));
    const client = new AncpClient({ ...OPTIONS, fetch });
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const error = { code: 'invalid_options', cause: expect.any(TypeError) };
    await expect(client.invoke('a', circular)).rejects.toMatchObject(error);
    await expect(client.invoke('a', 1n)).rejects.toMatchObject(error);
    await expect(client.stream('a', 1n).next()).rejects.toMatchObject(error);
    await expect(client.invoke('no spaces')).rejects.toMatchObject({ code: 'invalid_options' });
    await expect(client.getTask('../x')).rejects.toMatchObject({ code: 'invalid_options' });
    expect(fetch.requests).toHaveLength(0);
  });
});

describe('right options', () => {
  it('reach the request', async () => {
    const fetch = scripted(result(1));
    const client = new AncpClient({
      baseUrl: new URL('https://api.example.com/base/'),
      nodeId: 'orders',
      tenantId: 7,
      auth: { jwtToken: 'eyJ' },
      headers: new Headers({ 'X-Shop': 'berlin', 'X-Both': 'client' }),
      timeout: Number.POSITIVE_INFINITY,
      fetch,
    });
    await client.invoke('a', undefined, { headers: [['x-both', 'call']], correlationId: 'c-1', timeout: 0.5e3 });
    const [request] = fetch.requests;
    expect(request?.url).toBe('https://api.example.com/base/ncp/nodes/orders/invoke');
    expect(request?.init.headers).toMatchObject({ authorization: 'Bearer eyJ', 'x-shop': 'berlin', 'x-both': 'call' });
    expect(request?.init).not.toHaveProperty('cache');
    expect(request?.body).toMatchObject({
      tenantId: '7',
      source: 'service://7/ancp-client',
      destination: 'node://7/orders',
      correlationId: 'c-1',
      body: { data: { payload: null } },
    });
  });

  it('are as good as not set where they are null', async () => {
    const fetch = scripted(failure(503, 'unavailable'), result(1));
    const retry = { maxRetries: null, baseDelayMs: 1, maxDelayMs: null };
    const options = { ...OPTIONS, timeout: null, idleTimeout: null, retry, fetch } as unknown as AncpClientOptions;
    const client = new AncpClient(options);
    for (const options of [{ timeout: null, address: null, receiptId: null }, null]) {
      expect(await client.invoke('a', null, options as unknown as CallOptions)).toBe(1);
    }
    await client.preload();
    expect(await client.invoke('a')).toBe(1);
  });

  it('of less than a millisecond are not taken for 0', async () => {
    const client = new AncpClient({ ...OPTIONS, timeout: 0.5, fetch: scripted(never) });
    await expect(client.invoke('a')).rejects.toMatchObject({ code: 'timeout' });
  });

  it.each([2 ** 32, Number.POSITIVE_INFINITY])('allow as many retries as there may be: %d', async (maxRetries) => {
    const fetch = scripted(failure(503, 'unavailable'), result(1));
    const client = new AncpClient({ ...OPTIONS, retry: { maxRetries, baseDelayMs: 1 }, fetch });
    expect(await client.invoke('a')).toBe(1);
  });

  it('are read once, when the call is made', async () => {
    const fetch = scripted(result(1));
    const client = new AncpClient({ ...OPTIONS, fetch });
    const payload = { a: 1 };
    const call = client.invoke('a', payload);
    payload.a = 2;
    await call;
    expect(fetch.requests[0]?.body.body.data.payload).toEqual({ a: 1 });
  });
});
