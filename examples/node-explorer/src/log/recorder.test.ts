import { afterEach, expect, it, vi } from 'vitest';
import { Recorder } from './recorder.ts';

const INIT = {
  method: 'POST',
  headers: { authorization: 'Bearer secret-token', 'x-ancp-api-key': 'secret-token' },
  body: '{"body":{"data":{"metadata":{"extensions":{"ncp":{"action":"echo"}}}}},"p":"secret-token"}',
  redirect: 'manual',
} as const;

afterEach(() => vi.unstubAllGlobals());

it('keeps both bodies without the credential, and hands the response on as it is', async () => {
  vi.stubGlobal('fetch', async () => new Response('got secret-token', { headers: { 'x-request-id': '7' } }));
  const recorder = new Recorder();
  const fetch = recorder.fetch('secret-token');
  const response = await fetch('https://node.example/', { ...INIT, signal: new AbortController().signal });
  expect(await new Response(response.body as ReadableStream).text()).toBe('got secret-token');

  const [exchange] = recorder.getSnapshot();
  expect(exchange).toMatchObject({ action: 'echo', status: 200, state: 'complete', responseBody: 'got •••' });
  expect(exchange?.requestHeaders).toEqual([
    ['authorization', 'Bearer •••'],
    ['x-ancp-api-key', '•••'],
  ]);
  expect(JSON.stringify(exchange)).not.toContain('secret');
});

it('tells an abort from a failure', async () => {
  const fetchGlobal = async (_: string, { signal }: RequestInit) => {
    signal?.throwIfAborted();
    throw new TypeError('no network');
  };
  vi.stubGlobal('fetch', fetchGlobal);
  const recorder = new Recorder();
  const fetch = recorder.fetch('');
  await expect(fetch('/a', { ...INIT, signal: new AbortController().signal })).rejects.toThrow('no network');
  await expect(fetch('/b', { ...INIT, signal: AbortSignal.abort() })).rejects.toThrow();
  expect(recorder.getSnapshot().map(({ url, state }) => `${url} ${state}`)).toEqual(['/a failed', '/b aborted']);
});

it('ends what the client leaves', async () => {
  const cancelled = vi.fn();
  vi.stubGlobal('fetch', async () => new Response(new ReadableStream({ cancel: cancelled })));
  const recorder = new Recorder();
  const response = await recorder.fetch('')('/a', { ...INIT, signal: new AbortController().signal });
  await (response.body as ReadableStream).cancel('enough');
  expect(cancelled).toHaveBeenCalledWith('enough');
  expect(recorder.getSnapshot()[0]?.state).toBe('aborted');
});
