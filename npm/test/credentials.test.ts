import { describe, expect, it, vi } from 'vitest';
import { type AncpAuth, AncpClient } from '../src/index.js';
import { failure, OPTIONS, type Received, result, scripted } from './node.js';

const REFUSED = failure(401, 'unauthenticated');

function client(auth: AncpAuth, ...answers: Parameters<typeof scripted>) {
  const fetch = scripted(...answers);
  return { client: new AncpClient({ ...OPTIONS, auth, fetch }), fetch };
}

describe('a function for the credential', () => {
  it.each<[string, () => string | Promise<string>]>([
    ['at once', () => 'k1'],
    ['later', async () => 'k1'],
  ])('is asked once, %s', async (_, give) => {
    const apiKey = vi.fn(give);
    const { client: ancp, fetch } = client({ apiKey }, result(1));
    await Promise.all([ancp.invoke('a'), ancp.invoke('b')]);
    await ancp.invoke('c');
    expect(apiKey).toHaveBeenCalledTimes(1);
    expect(fetch.requests.map(({ init }) => init.headers['x-ancp-api-key'])).toEqual(['k1', 'k1', 'k1']);
  });

  it('is asked again after a 401, once for all calls that were refused', async () => {
    let token = 0;
    const jwtToken = vi.fn(async () => `t${++token}`);
    const answer = (request: Received) =>
      (request.init.headers.authorization === 'Bearer t1' ? REFUSED : result('ok'))(request);
    const { client: ancp } = client({ jwtToken }, answer);
    expect(await Promise.all([ancp.invoke('a'), ancp.invoke('b'), ancp.invoke('c')])).toEqual(['ok', 'ok', 'ok']);
    expect(jwtToken).toHaveBeenCalledTimes(2);
  });

  it('is not asked a third time', async () => {
    const apiKey = vi.fn(() => 'k');
    const { client: ancp, fetch } = client({ apiKey }, REFUSED);
    await expect(ancp.invoke('a')).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(apiKey).toHaveBeenCalledTimes(2);
    expect(fetch.requests).toHaveLength(2);
  });

  it('is the cause where it throws', async () => {
    const cause = new Error('signed out');
    const { client: ancp, fetch } = client({ jwtToken: () => Promise.reject(cause) }, result(1));
    await expect(ancp.invoke('a')).rejects.toMatchObject({
      code: 'unauthenticated',
      cause,
      mayHaveBeenDelivered: false,
    });
    expect(fetch.requests).toHaveLength(0);
    const { client: odd } = client({ apiKey: (() => 5) as unknown as () => string }, result(1));
    await expect(odd.invoke('a')).rejects.toMatchObject({ code: 'unauthenticated', cause: expect.any(TypeError) });
  });

  it('may take no longer than the call', async () => {
    const { client: ancp } = client({ jwtToken: () => new Promise(() => {}) }, result(1));
    await expect(ancp.invoke('a', null, { timeout: 20 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('is asked anew where it hangs, but not beside an answer that is only slow', async () => {
    vi.useFakeTimers();
    try {
      const hangs = () => new Promise<string>(() => {});
      const jwtToken = vi.fn(hangs);
      const { client: ancp } = client({ jwtToken }, result('ok'));
      const giveUp = () => expect(ancp.invoke('a', null, { timeout: 20_000 })).rejects.toThrow();
      for (const asked of [1, 1, 2]) {
        const given = giveUp();
        await vi.advanceTimersByTimeAsync(20_000);
        await given;
        expect(jwtToken).toHaveBeenCalledTimes(asked);
      }
      jwtToken.mockImplementation(async () => 'token');
      await vi.advanceTimersByTimeAsync(30_000);
      await expect(ancp.invoke('a')).resolves.toBe('ok');
    } finally {
      vi.useRealTimers();
    }
  });
});

it('a credential is in no error', async () => {
  const { client: ancp } = client({ apiKey: 'bfk_secret' }, REFUSED);
  const error = await ancp.invoke('a').catch((error: unknown) => error);
  expect(JSON.stringify(error) + String(error)).not.toContain('bfk_secret');
});
