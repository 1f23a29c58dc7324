import { AncpError } from '@bizfirst/ancp-core';
import { beforeEach, expect, it, vi } from 'vitest';
import { PENDING, Query, type Watch } from '../../src/observers/query.js';

const WATCH: Watch = { enabled: true, staleMs: 1000, cacheMs: 5000, intervalMs: undefined };
const load = vi.fn<(signal: AbortSignal) => Promise<number>>();
const forget = vi.fn();
let query: Query<number>;

const watch = (more: Partial<Watch> = {}, listener = () => {}) => query.watch(listener, { ...WATCH, ...more });
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetAllMocks();
  let count = 0;
  load.mockImplementation(
    (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AncpError('aborted', { code: 'aborted' })));
        count += 1;
        const value = count;
        setTimeout(() => resolve(value), 10);
      }),
  );
  query = new Query(load, forget);
});

it('asks once for all who watch, and again when the answer is stale', async () => {
  const heard = vi.fn();
  watch({}, heard);
  watch();
  expect(query.getSnapshot()).toEqual({ ...PENDING, isFetching: true });
  await after(10);
  expect(query.getSnapshot()).toEqual({ data: 1, error: undefined, isLoading: false, isFetching: false });
  expect(heard).toHaveBeenCalledTimes(2);
  await after(999);
  watch();
  expect(load).toHaveBeenCalledTimes(1);
  await after(1);
  watch();
  expect(query.getSnapshot()).toMatchObject({ data: 1, isLoading: false, isFetching: true });
  await after(10);
  expect(query.getSnapshot()).toMatchObject({ data: 2, isFetching: false });
});

it('does not ask by itself where that is not wanted', async () => {
  watch({ enabled: false, intervalMs: 100 });
  await after(1000);
  expect(load).not.toHaveBeenCalled();
  const asked = query.fetch();
  await after(10);
  expect(await asked).toBe(1);
});

it('asks at the shortest interval, counted from the answer', async () => {
  const leave = watch({ intervalMs: 100 });
  watch({ intervalMs: 1000 });
  await after(10 + 100 + 10 + 99);
  expect(load).toHaveBeenCalledTimes(2);
  await after(1);
  expect(load).toHaveBeenCalledTimes(3);
  leave();
  await after(10 + 999);
  expect(load).toHaveBeenCalledTimes(3);
  await after(1);
  expect(load).toHaveBeenCalledTimes(4);
});

it('keeps the data of the last success', async () => {
  watch();
  await after(10);
  load.mockRejectedValueOnce(new AncpError('down', { code: 'network' }));
  await expect(query.fetch()).rejects.toMatchObject({ code: 'network' });
  expect(query.getSnapshot()).toMatchObject({ data: 1, error: { code: 'network' }, isFetching: false });
  load.mockRejectedValueOnce(new Error('boom'));
  await expect(query.fetch()).rejects.toBeInstanceOf(AncpError);
  void query.fetch();
  await after(10);
  expect(query.getSnapshot()).toMatchObject({ data: 2, error: undefined });
});

it('asks anew, and serves those who waited with the newer answer', async () => {
  watch();
  const first = query.fetch();
  await after(5);
  const second = query.refetch();
  await after(10);
  expect(await Promise.all([first, second])).toEqual([2, 2]);
  expect(load.mock.calls[0]?.[0].aborted).toBe(true);
  expect(query.getSnapshot()).toMatchObject({ data: 2, error: undefined });
});

it('does not mind coming back at once', async () => {
  watch()();
  watch();
  await after(10);
  expect(load).toHaveBeenCalledTimes(1);
  expect(query.getSnapshot().data).toBe(1);
});

it('aborts when nobody watches, and forgets after a while', async () => {
  const leave = watch({ intervalMs: 100 });
  const asked = query.fetch();
  leave();
  await expect(asked).rejects.toMatchObject({ code: 'aborted' });
  expect(query.getSnapshot()).toEqual(PENDING);
  await after(4999);
  expect(forget).not.toHaveBeenCalled();
  watch()();
  await after(4999);
  expect(forget).not.toHaveBeenCalled();
  await after(1);
  expect(forget).toHaveBeenCalledTimes(1);
});

it('does not keep a process of Node.js for what is kept', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  watch()();
  await after(1);
  const expiry = timers.mock.results.at(-1)?.value as NodeJS.Timeout;
  expect(timers.mock.calls.at(-1)?.[1]).toBe(5000);
  expect(expiry.hasRef()).toBe(false);
  timers.mockRestore();
});

it('keeps for ever where it is told to', async () => {
  watch({ cacheMs: Number.POSITIVE_INFINITY })();
  await after(1_000_000);
  expect(forget).not.toHaveBeenCalled();
});

it('suspends until there is an answer, which it keeps for a while', async () => {
  let thrown: unknown;
  try {
    query.suspend();
  } catch (promise) {
    thrown = promise;
  }
  expect(() => query.suspend()).toThrow();
  expect(load).toHaveBeenCalledTimes(1);
  await after(10);
  expect(await thrown).toBe(1);
  expect(query.suspend()).toBe(1);
  await after(300_000);
  expect(forget).toHaveBeenCalledTimes(1);
});

it('throws an error to those who suspend, however late they come back, and asks again later', async () => {
  load.mockRejectedValueOnce(new AncpError('down', { code: 'network' }));
  await expect(query.fetch()).rejects.toThrow();
  await after(10_000);
  expect(() => query.suspend()).toThrow('down');
  await after(499);
  expect(() => query.suspend()).toThrow('down');
  await after(1);
  expect(() => query.suspend()).not.toThrow(AncpError);
  expect(load).toHaveBeenCalledTimes(2);
});
