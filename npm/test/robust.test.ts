import { describe, expect, it, vi } from 'vitest';
import { Instance } from '../src/engine/instance.js';
import { loadEngine } from '../src/engine/load.js';
import { AncpClient } from '../src/index.js';
import { Session } from '../src/session.js';
import { type Answer, envelope, never, OPTIONS, result, scripted } from './node.js';

/** What comes of a call, and of another client's that runs beside it. */
async function beside(run: () => Promise<unknown>): Promise<unknown> {
  const other = new AncpClient({ ...OPTIONS, fetch: scripted(never) });
  let ended = false;
  other.invoke('a').catch(() => {
    ended = true;
  });
  await vi.waitFor(() => loadEngine(OPTIONS, true, {}));
  const outcome = await run().catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ended).toBe(false);
  other.close();
  return outcome;
}

const EVENTS = { get: (name: string) => (name === 'content-type' ? 'text/event-stream' : null) };

function aborted(body: object): Promise<unknown> {
  const controller = new AbortController();
  const fetch = async () => ({ status: 200, headers: EVENTS, body });
  const stream = new AncpClient({ ...OPTIONS, fetch }).stream('a', null, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  return stream.next();
}

describe('what a fetch of one’s own does wrong stays with its call', () => {
  it.each([
    ['a reader without cancel', { getReader: () => ({ read: () => new Promise(() => {}) }) }],
    [
      'an iterator whose return gives no promise',
      { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => ({ done: true }) }) },
    ],
  ])('%s', async (_, body) => {
    expect(await beside(() => aborted(body))).toMatchObject({ code: 'aborted' });
  });

  it('headers that are none', async () => {
    const fetch = (async (_: string, init: { body: string }) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: async () => envelope({ body: JSON.parse(init.body) } as never, 1),
    })) as never;
    const outcome = await beside(() => new AncpClient({ ...OPTIONS, retry: false, fetch }).invoke('a'));
    expect(outcome).toMatchObject({ code: 'network' });
  });

  it.each([Symbol('x'), Object.create(null)])('a rejection with what is no Error', async (thrown) => {
    const fetch = () => Promise.reject(thrown);
    const outcome = await beside(() => new AncpClient({ ...OPTIONS, retry: false, fetch }).invoke('a'));
    expect(outcome).toMatchObject({ code: 'network', cause: thrown });
  });
});

it('a call that waited for the engine beside one that brings it down is begun on a fresh one', async () => {
  const engines = await Promise.all([
    loadEngine(OPTIONS, true, {}),
    loadEngine({ ...OPTIONS, fetch: scripted(result(1)) }, true, {}),
  ]);
  let dead = false;
  const dying = { alive: true, start: () => ({ pull() {}, cancel() {} }), close() {}, retire() {} };
  Object.defineProperty(dying, 'alive', { get: () => !dead });
  dying.start = () => {
    dead = true;
    return { pull() {}, cancel() {} };
  };
  const loaded = [dying, engines[1]];
  const session = new Session(OPTIONS, async () => loaded.shift() as never);
  const call = { verb: 'invoke', name: 'a', payload: 'null', headers: [] } as never;
  session.start(call, undefined, { progress() {}, succeed() {}, fail() {} });
  const value = await new Promise((succeed, fail) => session.start(call, undefined, { progress() {}, succeed, fail }));
  expect(value).toBe(1);
});

it('a trap while a client’s engine is made gives the instance up', async () => {
  const { loadSource } = await import('../src/engine/source.js');
  const shared = await Instance.create(await loadSource('full'), 'full');
  expect(shared.abandon(new Error('trap'))).toMatchObject({ code: 'wasm_unavailable' });
  expect(shared.alive).toBe(false);
});

it('a call begun while another one ends gets its own result', async () => {
  const controller = new AbortController();
  let second: Promise<unknown> | undefined;
  const first: Answer = ({ init }) =>
    new Promise((_, reject) => {
      init.signal.addEventListener('abort', () => {
        controller.abort();
        second = client.invoke('b');
        reject(init.signal.reason);
      });
    });
  const client = new AncpClient({ ...OPTIONS, fetch: scripted(first, result('second')) });
  const call = client.invoke('a', null, { timeout: 20, signal: controller.signal });
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  expect(await second).toBe('second');
});

it.each([[undefined], [{ ...OPTIONS, headers: 5 }]])('options that cannot be read are invalid', async (options) => {
  await expect(new AncpClient(options as never).invoke('a')).rejects.toMatchObject({ code: 'invalid_options' });
});

it('a credential that is not set is an error, or the other one counts', async () => {
  const fetch = scripted(result(1));
  const both = { jwtToken: undefined, apiKey: 'k' } as never;
  await new AncpClient({ ...OPTIONS, fetch, auth: both }).invoke('a');
  expect(fetch.requests[0]?.init.headers).toMatchObject({ 'x-ancp-api-key': 'k' });
  const none = { apiKey: undefined } as never;
  await expect(new AncpClient({ ...OPTIONS, fetch, auth: none }).invoke('a')).rejects.toMatchObject({
    code: 'invalid_options',
  });
});

it('a credential is asked for once, though the call that asked is aborted', async () => {
  const apiKey = vi.fn(() => new Promise<string>((resolve) => setTimeout(() => resolve('k'), 200)));
  const client = new AncpClient({ ...OPTIONS, fetch: scripted(result(1)), auth: { apiKey } });
  const controller = new AbortController();
  const first = client.invoke('a', null, { signal: controller.signal });
  const second = client.invoke('a');
  await vi.waitFor(() => expect(apiKey).toHaveBeenCalled());
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'aborted' });
  expect(await second).toBe(1);
  expect(apiKey).toHaveBeenCalledTimes(1);
});

it('a controller in the place of its signal is named', async () => {
  const client = new AncpClient({ ...OPTIONS, fetch: scripted(never) });
  const signal = new AbortController() as unknown as AbortSignal;
  await expect(client.invoke('a', null, { signal })).rejects.toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('signal'),
  });
});

it('each request has a signal of its own', async () => {
  const fetch = scripted(result(1), never, result(2), never, result(3));
  const client = new AncpClient({ ...OPTIONS, fetch });
  await client.invoke('a');
  const controller = new AbortController();
  const first = client.invoke('a', null, { signal: controller.signal });
  await client.invoke('a');
  const late = client.invoke('a', null, { timeout: 20 });
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'aborted' });
  await expect(late).rejects.toMatchObject({ code: 'timeout' });
  expect(await client.invoke('a')).toBe(3);
  const signals = fetch.requests.map(({ init }) => init.signal);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false, true, false]);
  expect(new Set(signals).size).toBe(5);
});

it('an answer that comes after its call was given up is no answer to the calls after it', async () => {
  const answers: (() => void)[] = [];
  const fetch = scripted(
    (request) => new Promise((resolve) => answers.push(() => resolve(result('first')(request)))),
    (request) => new Promise((resolve) => answers.push(() => resolve(result('second')(request)))),
    result('third'),
  );
  const client = new AncpClient({ ...OPTIONS, fetch });
  await expect(client.invoke('a', null, { timeout: 10 })).rejects.toMatchObject({ code: 'timeout' });
  const second = client.invoke('a');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[0]?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  answers[1]?.();
  expect(await second).toBe('second');
  await client.invoke('a');
  expect(fetch.requests.map(({ init }) => init.signal.aborted)).toEqual([true, false, false]);
});
