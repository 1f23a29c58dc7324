import { AncpClient, type AncpClientOptions } from '@bizfirst/ancp-core';
import { expect, it, vi } from 'vitest';
import { ClientKeeper, OwnClient } from '../../src/observers/own-client.js';

const OPTIONS = { baseUrl: 'https://api.example.com', nodeId: 42, retry: false } satisfies AncpClientOptions;

it('serves options that say the same', () => {
  const own = new OwnClient({ ...OPTIONS, auth: { apiKey: 'a' }, headers: new Headers({ 'x-a': '1' }) });
  expect(own.client).toBeInstanceOf(AncpClient);
  expect(own.serves({ auth: { apiKey: 'a' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(true);
  expect(own.serves({ auth: { apiKey: 'b' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(false);
  expect(own.serves({ auth: { jwtToken: 'a' }, headers: [['x-a', '1']], ...OPTIONS })).toBe(false);
  expect(own.serves(undefined)).toBe(false);
  own.close();
  expect(own.serves(own.options)).toBe(false);
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

it('is closed after the last mount has gone, but not for coming back at once', async () => {
  const keeper = new ClientKeeper();
  const own = new OwnClient(OPTIONS);
  keeper.current = own;
  const renew = vi.fn();
  keeper.mount(renew)();
  const leave = keeper.mount(renew);
  await Promise.resolve();
  expect(own.isClosed).toBe(false);
  leave();
  await Promise.resolve();
  expect(own.isClosed).toBe(true);
  expect(renew).not.toHaveBeenCalled();
  keeper.mount(renew);
  expect(renew).toHaveBeenCalledTimes(1);
});
