import { AncpClient, type AncpClientOptions } from '@bizfirst/ancp-core';
import { describe, expect, it, vi } from 'vitest';
import { ClientKeeper, OwnClient } from '../../src/observers/own-client.js';

const OPTIONS = { baseUrl: 'https://api.example.com', nodeId: 42, retry: false } satisfies AncpClientOptions;

it('serves options that say the same', () => {
  const own = new OwnClient({ ...OPTIONS, auth: { apiKey: 'a' }, headers: new Headers({ 'x-a': '1' }) });
  expect(own.client).toBeInstanceOf(AncpClient);
  expect(own.serves({ auth: { apiKey: 'a' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(true);
  expect(own.serves({ auth: { apiKey: 'b' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(false);
  expect(own.serves({ auth: { jwtToken: 'a' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(false);
});

it('tells signers apart by their DID and key', () => {
  const auth = (did: string) => ({ did: { did, keyId: `${did}#1`, sign: () => new Uint8Array(64) } });
  const own = new OwnClient({ ...OPTIONS, auth: auth('did:web:a') });
  expect(own.serves({ ...OPTIONS, auth: auth('did:web:a') })).toBe(true);
  expect(own.serves({ ...OPTIONS, auth: auth('did:web:b') })).toBe(false);
});

it('calls the newest functions', async () => {
  const asked = vi.fn();
  const options = (version: number): AncpClientOptions => ({
    ...OPTIONS,
    auth: { apiKey: () => `key-${version}` },
    fetch: async (_, { headers }) => {
      asked(version, headers['x-ancp-api-key'] ?? headers['X-Ancp-Api-Key']);
      return { status: 503 };
    },
  });
  const own = new OwnClient(options(1));
  expect(own.serves(options(2))).toBe(true);
  own.options = options(2);
  await expect(own.client.invoke('get-order')).rejects.toMatchObject({ status: 503 });
  expect(asked.mock.calls).toEqual([[2, 'key-2']]);
});

describe('the keeper', () => {
  it('finds what it has made for a render that was not shown', () => {
    const keeper = new ClientKeeper();
    const shown = keeper.for(OPTIONS);
    keeper.show(shown, OPTIONS);
    const next = keeper.for({ ...OPTIONS, nodeId: 43 });
    expect(next).not.toBe(shown);
    expect(keeper.for({ ...OPTIONS })).toBe(shown);
    expect(keeper.for({ ...OPTIONS, nodeId: 43 })).toBe(next);
  });

  it('closes after the last mount has gone, but not for coming back at once', async () => {
    const keeper = new ClientKeeper();
    const own = keeper.for(OPTIONS);
    keeper.show(own, OPTIONS);
    const close = vi.spyOn(own.client, 'close');
    keeper.mount()();
    const leave = keeper.mount();
    await Promise.resolve();
    expect(close).not.toHaveBeenCalled();
    leave();
    await Promise.resolve();
    expect(close).toHaveBeenCalledTimes(1);
  });
});
