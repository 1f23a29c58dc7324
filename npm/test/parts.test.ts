import { beforeEach, expect, it, vi } from 'vitest';
import { createDidKey } from '../src/did.js';
import type { AncpClient, AncpClientOptions } from '../src/index.js';
import { type Answer, chunk, done, events, failure, OPTIONS, result, scripted } from './node.js';

const loaded = vi.hoisted(() => [] as string[]);

vi.mock('../src/engine/source.js', async (original) => {
  const real = await original<typeof import('../src/engine/source.js')>();
  return {
    ...real,
    loadSource(part: 'plain' | 'full') {
      loaded.push(part);
      return real.loadSource(part);
    },
  };
});

beforeEach(() => {
  vi.resetModules();
  loaded.length = 0;
});

/** A client whose modules nobody has loaded before. */
async function fresh(options: Partial<AncpClientOptions>, ...answers: Answer[]): Promise<AncpClient> {
  const { AncpClient } = await import('../src/index.js');
  return new AncpClient({ ...OPTIONS, fetch: scripted(...answers), ...options });
}

it('plain calls, failed ones, too, load the module for them only, whose results and errors are those of the other', async () => {
  const client = await fresh({ auth: { jwtToken: () => 'token' } }, result({ a: 1 }), failure(404, 'action_not_found'));
  expect(await client.invoke('a', { b: 2 })).toEqual({ a: 1 });
  await expect(client.invoke('c')).rejects.toMatchObject({ code: 'action_not_found', operation: 'invoke c' });
  expect(loaded).toEqual(['plain']);
});

it('a key that is an object is no credential, and no reason to go without one', async () => {
  const client = await fresh({ auth: { apiKey: { key: 'k' } as never } }, result(1));
  await expect(client.invoke('a')).rejects.toMatchObject({ code: 'invalid_options' });
  expect(loaded).toEqual(['plain']);
});

it('a stream loads the other one, with which the client goes on', async () => {
  const client = await fresh(
    {},
    result(1),
    events((r) => [chunk(r, 1, 'x'), done(r, 1)]),
    result(2),
  );
  expect(await client.invoke('a')).toBe(1);
  const chunks: unknown[] = [];
  for await (const value of client.stream('b')) chunks.push(value);
  expect(chunks).toEqual(['x']);
  expect(await client.invoke('a')).toBe(2);
  expect(loaded).toEqual(['plain', 'full']);
});

it('options that take the other one load that alone', async () => {
  const address = 'https://api.example.com/ncp/nodes/7';
  const payer = { maxPerCall: '1', maxTotal: '1', pay: async () => ({ txHash: '0x1', payer: '0x2' }) };
  const key = await createDidKey();
  const cases: Partial<AncpClientOptions>[] = [
    { address },
    { payer },
    { credentialOrigins: ['https://other.example.com'] },
    { auth: { did: key } },
    { auth: { did: async () => key } },
  ];
  for (const options of cases) {
    vi.resetModules();
    loaded.length = 0;
    const client = await fresh(options, result(1));
    expect(await client.invoke('a')).toBe(1);
    expect(loaded).toEqual(['full']);
  }
});

it('what is preloaded serves all calls', async () => {
  const stream = events((r) => [chunk(r, 1, 'x'), done(r, 1)]);
  const client = await fresh({}, result(1), stream);
  await Promise.all([client.preload(), client.preload()]);
  expect(await client.invoke('a')).toBe(1);
  for await (const value of client.stream('b')) expect(value).toBe('x');
  await client.preload();
  expect(loaded).toEqual(['full']);
  client.close();
  await expect(client.preload()).rejects.toMatchObject({ code: 'closed' });
  const wrong = await fresh({ headers: 5 as never });
  await expect(wrong.preload()).rejects.toMatchObject({ code: 'invalid_options' });
});

it('both ask for a token once', async () => {
  const asked = vi.fn(async () => 'token');
  const stream = events((r) => [chunk(r, 1, 'x'), done(r, 1)]);
  const client = await fresh({ auth: { jwtToken: asked } }, result(1), stream, result(2));
  expect(await client.invoke('a')).toBe(1);
  for await (const value of client.stream('b')) expect(value).toBe('x');
  expect(await client.invoke('a')).toBe(2);
  expect(asked).toHaveBeenCalledTimes(1);
  const other = await fresh({ auth: { jwtToken: asked } }, stream, result(1));
  await Promise.all([other.stream('b').next(), other.invoke('a').catch(() => {})]);
  expect(asked).toHaveBeenCalledTimes(2);
});

it('an address that is not set where one was meant is refused', async () => {
  const client = await fresh({ address: '' }, result(1));
  await expect(client.invoke('a')).rejects.toMatchObject({ code: 'invalid_options' });
});

it('a plain call waits for the token although the call that has asked for it gives up', async () => {
  let give = (_: string) => {};
  const asked = vi.fn(() => new Promise<string>((resolve) => (give = resolve)));
  const client = await fresh({ auth: { jwtToken: asked } }, result(1));
  const controller = new AbortController();
  const first = client.invoke('a', null, { signal: controller.signal });
  const second = client.invoke('b', null, { timeout: 2000 });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'aborted', mayHaveBeenDelivered: true });
  give('token');
  expect(await second).toBe(1);
  expect(asked).toHaveBeenCalledTimes(1);
});
