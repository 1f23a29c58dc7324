import { describe, expect, it, vi } from 'vitest';
import { AncpClient, type FetchResponse } from '../src/index.js';
import { envelope, failure, JSON_TYPE, OPTIONS, type Received, result, scripted } from './node.js';

function client(answer: (request: Received) => FetchResponse | Promise<FetchResponse>) {
  return new AncpClient({ ...OPTIONS, fetch: scripted(answer) });
}

const headers = { get: (name: string) => (name === 'content-type' ? 'application/json; charset=utf-8' : null) };

describe('a response is used by its shape', () => {
  it.each<[string, (request: Received) => FetchResponse]>([
    ['json()', (r) => ({ status: 200, json: async () => JSON.parse(envelope(r, 'ü')) })],
    ['text()', (r) => ({ status: 200, headers, text: async () => envelope(r, 'ü') })],
    [
      'arrayBuffer()',
      (r) => ({ status: 200, headers, arrayBuffer: async () => new TextEncoder().encode(envelope(r, 'ü')).buffer }),
    ],
    [
      'an async iterable body',
      (r) => ({
        status: 200,
        headers,
        body: (async function* () {
          for (const byte of new TextEncoder().encode(envelope(r, 'ü'))) yield Uint8Array.of(byte);
        })(),
      }),
    ],
    ['a stream in parts', (r) => new Response(envelope(r, 'ü'), { headers: JSON_TYPE })],
  ])('%s', async (_, answer) => {
    expect(await client(answer).invoke('a')).toBe('ü');
  });

  it('is refused where it is none', async () => {
    const wrong = client(() => undefined as unknown as FetchResponse);
    await expect(wrong.invoke('a')).rejects.toMatchObject({ code: 'invalid_response' });
  });
});

describe('answers', () => {
  it.each<[string, number, string, Record<string, string>?]>([
    ['invalid_response', 200, '<html>', { 'content-type': 'text/html' }],
    ['invalid_response', 200, '{}'],
    ['invalid_response', 200, ''],
    ['invalid_response', 302, '', { location: 'https://elsewhere.example' }],
    ['unavailable', 502, '<html>', { 'content-type': 'text/html' }],
    ['node_not_found', 404, 'not here'],
    ['rate_limited', 429, ''],
  ])('%s: %i %s', async (code, status, body, more) => {
    const error = await client(() => new Response(body, { status, headers: { ...JSON_TYPE, ...more } }))
      .invoke('a')
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('html');
  });

  it('are read whole, whatever stands in their strings', async () => {
    for (let padding = 0; padding < 70; padding += 1) {
      const value = { a: 'x'.repeat(padding), b: ['"\\', '}]"{[', 'ü\\\\', []], c: { d: '\\"' } };
      const answer = (r: Received) => new Response(envelope(r, value), { headers: JSON_TYPE });
      expect(await client(answer).invoke('a')).toEqual(value);
    }
  });

  it.each(['[1,]', '{"a":1]', '[}', '["\u0001"]', '[1', '"a" 1', '[]]'])('%s is no payload', async (payload) => {
    const answer = (r: Received) =>
      new Response(envelope(r, 'HERE').replace('"HERE"', payload), {
        headers: { ...JSON_TYPE, 'x-request-id': 'R-2' },
      });
    const call = client(answer).invoke('a');
    await expect(call).rejects.toMatchObject({
      code: 'invalid_response',
      requestId: 'R-2',
      operation: 'invoke a',
      mayHaveBeenDelivered: true,
    });
  });

  it('of a foreign call are refused', async () => {
    const answer = (r: Received) =>
      new Response(envelope({ ...r, body: { correlationId: 'other' } }, 1), { headers: JSON_TYPE });
    await expect(client(answer).invoke('a')).rejects.toMatchObject({ code: 'invalid_response' });
  });

  it('that were redirected are refused, as browsers show them', async () => {
    const opaque = { type: 'opaqueredirect', status: 0, headers: new Headers(), body: null };
    await expect(client(() => opaque).invoke('a')).rejects.toMatchObject({ code: 'invalid_response' });
  });

  it('that are too large are not read on', async () => {
    const cancel = vi.fn();
    const part = new Uint8Array(1024 * 1024).fill(32);
    let reads = 0;
    const body = new ReadableStream(
      {
        pull(controller) {
          reads += 1;
          controller.enqueue(part);
        },
        cancel,
      },
      { highWaterMark: 0 },
    );
    await expect(client(() => new Response(body, { headers: JSON_TYPE })).invoke('a')).rejects.toMatchObject({
      code: 'response_too_large',
    });
    expect(reads).toBe(17);
    expect(cancel).toHaveBeenCalled();
  });
});

describe('failures on the way', () => {
  it('are network errors with their cause', async () => {
    const cause = Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    });
    const refused = client(() => Promise.reject(cause));
    await expect(refused.invoke('a')).rejects.toMatchObject({
      code: 'network',
      status: 0,
      retryable: true,
      mayHaveBeenDelivered: false,
      message: expect.stringContaining('ECONNREFUSED'),
      cause,
    });
    const broken = client(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(broken.invoke('a')).rejects.toMatchObject({ code: 'network', mayHaveBeenDelivered: true });
    const odd = client(() => Promise.reject('text'));
    await expect(odd.invoke('a')).rejects.toMatchObject({ code: 'network', cause: 'text' });
    const thrown = new AncpClient({
      ...OPTIONS,
      fetch: () => {
        throw cause;
      },
    });
    await expect(thrown.invoke('a')).rejects.toMatchObject({ code: 'network', cause });
  });

  it('are repeated under the same id, with the same bytes', async () => {
    const fetch = scripted(() => Promise.reject(new TypeError('no')), failure(503, 'unavailable'), result('at last'));
    const client = new AncpClient({ ...OPTIONS, fetch, retry: { baseDelayMs: 1, maxDelayMs: 2 } });
    expect(await client.invoke('a', { b: 1 })).toBe('at last');
    const bodies = new Set(fetch.requests.map(({ init }) => init.body));
    expect(fetch.requests).toHaveLength(3);
    expect(bodies.size).toBe(1);
  });

  it('of a global fetch that is not there are said so', async () => {
    vi.stubGlobal('fetch', undefined);
    await expect(new AncpClient(OPTIONS).invoke('a')).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('fetch'),
    });
    vi.unstubAllGlobals();
  });

  it('the global fetch is looked up at each call', async () => {
    const client = new AncpClient(OPTIONS);
    for (const value of [1, 2]) {
      vi.stubGlobal('fetch', scripted(result(value)));
      expect(await client.invoke('a')).toBe(value);
    }
    vi.unstubAllGlobals();
  });
});

describe('time', () => {
  it('runs out', async () => {
    const hanging = client(
      (request) => new Promise((_, reject) => request.init.signal.addEventListener('abort', reject)),
    );
    const error = { code: 'timeout', status: 0, operation: expect.stringContaining('a') };
    await expect(hanging.invoke('a', null, { timeout: 20 })).rejects.toMatchObject(error);
  });
});

describe('Retry-After', () => {
  const retry = { maxRetries: 1, baseDelayMs: 1 };

  async function called(retryAfter: string): Promise<unknown> {
    const refused = failure(503, 'unavailable', {}, { 'retry-after': retryAfter });
    const ancp = new AncpClient({ ...OPTIONS, retry, timeout: 5000, fetch: scripted(refused, result('again')) });
    return ancp.invoke('a').catch((error: { status: number }) => error.status);
  }

  // A wait that would pass the deadline is not begun.
  it.each([
    '60',
    '99999999999999999999999',
    'Thu, 01 Jan 2099 00:00:00 GMT',
    'Friday, 01-Jan-38 00:00:00 GMT',
    'Thu Jan  1 00:00:00 2099',
  ])('%s is obeyed', async (retryAfter) => {
    expect(await called(retryAfter)).toBe(503);
  });

  it.each([
    '0',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    // What is neither seconds nor a date means nothing, also where JavaScript knows what it means.
    '1e9',
    '0x10',
    '2099-01-01T00:00:00Z',
    'Thu, 01 Jan 2099 00:00:00',
    'Thu, 01 Jan 2099 00:00:00 CET',
    'Thu, 99 Jan 2099 00:00:00 GMT',
  ])('%s is no reason to wait', async (retryAfter) => {
    expect(await called(retryAfter)).toBe('again');
  });
});
