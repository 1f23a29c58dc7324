import { describe, expect, it, vi } from 'vitest';
import { AncpClient } from '../src/index.js';
import {
  type Answer,
  chunk,
  done,
  event,
  events,
  failure,
  never,
  OPTIONS,
  type Received,
  result,
  scripted,
} from './node.js';

function client(...answers: Answer[]) {
  const fetch = scripted(...answers);
  return { client: new AncpClient({ ...OPTIONS, fetch }), fetch };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const value of stream) chunks.push(value);
  return chunks;
}

const noContent: Answer = () => new Response(null, { status: 204 });

describe('stream', () => {
  it('gives the chunks and the summary', async () => {
    const { client: ancp, fetch } = client(
      events(function* (r) {
        yield chunk(r, 1, { row: 1 }) + chunk(r, 2, { row: '2,[DONE]' });
        yield `: keep-alive\n\n${chunk(r, 3, null)}`;
        yield done(r, 3, { rows: 3 });
      }),
    );
    const stream = ancp.stream('generate-report', { year: 2026 });
    expect(fetch.requests).toHaveLength(0);
    const all = [await stream.next(), await stream.next(), await stream.next(), await stream.next()];
    expect(all).toEqual([
      { done: false, value: { row: 1 } },
      { done: false, value: { row: '2,[DONE]' } },
      { done: false, value: null },
      { done: true, value: { rows: 3 } },
    ]);
    expect(fetch.requests[0]).toMatchObject({
      path: '/ncp/nodes/42/stream',
      init: { method: 'POST', headers: { accept: 'text/event-stream' } },
      body: { body: { data: { payload: { year: 2026 } } } },
    });
  });

  it.each(['[1,]', '{"a":1]', '[}', '["\u0001"]', '[1},[2}'])('ends at a chunk that is %s', async (payload) => {
    const { client: ancp, fetch } = client(
      events(function* (r) {
        yield chunk(r, 1, [1], true) + chunk(r, 2, 'HERE', true).replace('"HERE"', payload) + chunk(r, 3, 3, true);
      }),
      noContent,
    );
    const stream = ancp.stream('generate-report');
    expect(await stream.next()).toEqual({ done: false, value: [1] });
    await expect(stream.next()).rejects.toMatchObject({
      code: 'invalid_response',
      operation: 'stream generate-report',
      mayHaveBeenDelivered: true,
    });
    // The node is told.
    await vi.waitFor(() => expect(fetch.requests.at(-1)?.init.method).toBe('DELETE'));
  });

  it('survives reads of one byte', async () => {
    const { client: ancp } = client(
      events(function* (r) {
        yield* chunk(r, 1, 'grün') + done(r, 1);
      }),
    );
    expect(await collect(ancp.stream('a'))).toEqual(['grün']);
  });

  it('ends with the error of the node', async () => {
    const error = { code: 'handler_error', message: 'no rows', retryable: false };
    const { client: ancp } = client(events((r) => [chunk(r, 1, 1), event(r, 'error', null, { error })]));
    const stream = ancp.stream('a');
    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toMatchObject({ code: 'handler_error', status: 500, message: 'no rows' });
  });

  it('tells why it does not begin', async () => {
    const { client: ancp } = client(failure(404, 'action_not_found'));
    await expect(collect(ancp.stream('a'))).rejects.toMatchObject({ code: 'action_not_found' });
    const { client: wrong } = client(result(1));
    await expect(collect(wrong.stream('a'))).rejects.toMatchObject({ code: 'invalid_response' });
  });

  it('does not end quietly short', async () => {
    const { client: ancp } = client(events((r) => [chunk(r, 1, 1)]));
    await expect(collect(ancp.stream('a'))).rejects.toMatchObject({ code: 'stream_interrupted' });
  });

  it('resumes', async () => {
    let first: Received | undefined;
    const { client: ancp, fetch } = client(
      events(function* (r) {
        first = r;
        yield `retry: 1\n\n${chunk(r, 1, 1, true)}`;
      }),
      events((r) => {
        expect(r.init.headers['last-event-id']).toBe('1');
        return [chunk(first as Received, 2, 2, true), done(first as Received, 2)];
      }),
    );
    expect(await collect(ancp.stream('a'))).toEqual([1, 2]);
    expect(fetch.requests[1]).toMatchObject({
      path: '/ncp/nodes/42/streams/S1',
      init: { method: 'GET', cache: 'no-store' },
    });
  });

  it('reads no faster than its consumer', async () => {
    let given = 0;
    const { client: ancp } = client(
      events(function* (r) {
        for (given = 1; given <= 100; given++) yield chunk(r, given, given);
      }),
    );
    const stream = ancp.stream('a');
    await stream.next();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBeLessThanOrEqual(3);
    await stream.return();
  });

  it.each(['break', 'throw'])('ends at the node on %s', async (how) => {
    const { client: ancp, fetch } = client(
      events(async function* (r) {
        yield chunk(r, 1, 1, true);
        await new Promise(() => {});
      }),
      noContent,
    );
    const read = async () => {
      for await (const _ of ancp.stream('a')) {
        if (how === 'break') break;
        throw new Error('mine');
      }
    };
    if (how === 'break') await read();
    else await expect(read()).rejects.toThrow('mine');
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(2));
    expect(fetch.requests[0]?.init.signal.aborted).toBe(true);
    expect(fetch.requests[1]).toMatchObject({ path: '/ncp/nodes/42/streams/S1', init: { method: 'DELETE' } });
  });

  it.each(['abort', 'close'])('ends at the node on %s', async (how) => {
    const { client: ancp, fetch } = client(
      events(async function* (r) {
        yield chunk(r, 1, 1, true);
        await new Promise(() => {});
      }),
      noContent,
    );
    const controller = new AbortController();
    const stream = ancp.stream('a', null, { signal: controller.signal });
    await stream.next();
    const second = expect(stream.next()).rejects.toMatchObject({
      code: 'aborted',
      ...(how === 'abort' && { cause: 'why' }),
    });
    if (how === 'abort') controller.abort('why');
    else ancp.close();
    await second;
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(2));
    expect(fetch.requests[1]).toMatchObject({ init: { method: 'DELETE' } });
  });

  it('is aborted before it begins', async () => {
    const { client: ancp, fetch } = client(never);
    const signal = AbortSignal.abort('early');
    await expect(ancp.stream('a', null, { signal }).next()).rejects.toMatchObject({ code: 'aborted', cause: 'early' });
    expect(fetch.requests).toHaveLength(0);
  });

  it('fails where the connection is silent for too long', async () => {
    const fetch = scripted(
      events(async function* (r) {
        yield chunk(r, 1, 1);
        await new Promise(() => {});
      }),
    );
    const ancp = new AncpClient({ ...OPTIONS, fetch, livenessTimeout: 30 });
    await expect(collect(ancp.stream('a'))).rejects.toMatchObject({ code: 'stream_interrupted' });
    const idle = new AncpClient({ ...OPTIONS, fetch, idleTimeout: 30 });
    await expect(collect(idle.stream('a'))).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('abort', () => {
  it('rejects at once and aborts the request underneath', async () => {
    const { client: ancp, fetch } = client(never);
    const controller = new AbortController();
    const call = ancp.invoke('a', null, { signal: controller.signal });
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(1));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(call).rejects.toMatchObject({ code: 'aborted', cause: reason });
    expect(fetch.requests[0]?.init.signal.aborted).toBe(true);
  });

  it('takes effect while a retry waits', async () => {
    vi.useFakeTimers();
    const fetch = scripted(failure(503, 'unavailable', {}, { 'retry-after': '5' }));
    const ancp = new AncpClient({ ...OPTIONS, fetch, retry: {} });
    const controller = new AbortController();
    const call = expect(ancp.invoke('a', null, { signal: controller.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(100);
    controller.abort();
    await call;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('close ends what runs, and refuses what comes later', async () => {
    const { client: ancp, fetch } = client(never);
    const call = ancp.invoke('a');
    await vi.waitFor(() => expect(fetch.requests).toHaveLength(1));
    ancp.close();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect(fetch.requests[0]?.init.signal.aborted).toBe(true);
    await expect(ancp.invoke('a')).rejects.toMatchObject({ code: 'closed' });
    await expect(ancp.stream('a').next()).rejects.toMatchObject({ code: 'closed' });
    ancp.close();
  });

  it('a call from within the user’s fetch does not disturb', async () => {
    const inner = scripted(result('inner'));
    const within: unknown[] = [];
    const ancp: AncpClient = new AncpClient({
      ...OPTIONS,
      fetch: (url, init) => {
        if (!init.body?.includes('inner')) within.push(ancp.invoke('inner'));
        return inner(url, init);
      },
    });
    await ancp.ping();
    expect(await ancp.invoke('outer')).toBe('inner');
    expect(await Promise.all(within)).toEqual(['inner', 'inner']);
  });
});
