import { AncpError, FakeAncpClient, type FakeStream } from '@bizfirst/ancp-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StreamObserver, type StreamOptions } from '../../src/observers/stream.js';

let fake: FakeAncpClient;
let report: FakeStream<number>;

function observe<Value = undefined>(options: StreamOptions<number, Value> = {}) {
  return new StreamObserver<number, Value, unknown>({ client: fake, action: 'generate-report', options });
}

beforeEach(() => {
  fake = new FakeAncpClient();
  report = fake.driveStream<number>('generate-report');
  vi.useFakeTimers();
});

it('gathers chunks until the next frame', async () => {
  const observer = observe();
  const heard = vi.fn();
  observer.subscribe(heard);
  const done = observer.start({ year: 2026 });
  expect(observer.getSnapshot()).toMatchObject({ isStreaming: true, isDone: false, chunks: [] });
  await report.push(1);
  await report.push(2);
  expect(observer.getSnapshot().chunks).toEqual([]);
  // The beginning was a change, too, and the end will be one.
  vi.advanceTimersByTime(33);
  expect(observer.getSnapshot().chunks).toEqual([]);
  vi.advanceTimersByTime(20);
  expect(observer.getSnapshot()).toMatchObject({ chunks: [1, 2], chunkCount: 2, latest: 2 });
  expect(heard).toHaveBeenCalledTimes(2);
  await report.push(3);
  await report.end('three');
  await done;
  expect(observer.getSnapshot()).toMatchObject({
    chunks: [1, 2, 3],
    isStreaming: false,
    isDone: true,
    summary: 'three',
    error: undefined,
  });
  vi.advanceTimersByTime(1000);
  // With the end, what came since the last frame.
  expect(heard).toHaveBeenCalledTimes(3);
});

it('keeps what has come when it is stopped, and ends at the node', async () => {
  const observer = observe();
  const done = observer.start();
  await report.push(1);
  observer.stop();
  expect(observer.getSnapshot()).toMatchObject({ chunks: [1], isStreaming: false, isDone: false, error: undefined });
  await done;
  expect(report.isStopped).toBe(true);
  expect(observer.getSnapshot()).toMatchObject({ isDone: false, error: undefined });
  observer.reset();
  expect(observer.getSnapshot()).toMatchObject({ chunks: [], chunkCount: 0, latest: undefined });
});

it('keeps what has come when it fails', async () => {
  const observer = observe();
  const done = expect(observer.start()).rejects.toMatchObject({ code: 'handler_error' });
  await report.push(1);
  await report.fail(new AncpError('no paper', { code: 'handler_error' }));
  await done;
  expect(observer.getSnapshot()).toMatchObject({
    chunks: [1],
    isStreaming: false,
    isDone: false,
    error: { message: 'no paper' },
  });
});

it('begins anew in place of one that runs', async () => {
  const observer = observe();
  const first = observer.start(1);
  await report.push(1);
  const second = observer.start(2);
  expect(observer.getSnapshot()).toMatchObject({ chunks: [], isStreaming: true });
  await first;
  await report.opened();
  await report.push(2);
  await report.end();
  await second;
  expect(observer.getSnapshot()).toMatchObject({ chunks: [2], isDone: true });
  expect(fake.capturedCalls.map(({ payload }) => payload)).toEqual([1, 2]);
});

it('ends with the signal of the caller', async () => {
  const observer = observe();
  const controller = new AbortController();
  const done = observer.start(null, { signal: controller.signal });
  await report.push(1);
  controller.abort();
  await done;
  expect(observer.getSnapshot()).toMatchObject({ chunks: [1], isStreaming: false, isDone: false, error: undefined });
});

describe('maxChunks', () => {
  it.each([
    [undefined, 12, 12],
    [5, 12, 5],
    [5, 3, 3],
    [0, 3, 0],
    [Number.POSITIVE_INFINITY, 12, 12],
  ])('%s of %s chunks keeps %s', async (maxChunks, count, kept) => {
    const chunks = Array.from({ length: count }, (_, n) => n);
    fake.setupStream('generate-report', chunks);
    const observer = observe({ maxChunks });
    await observer.start();
    expect(observer.getSnapshot()).toMatchObject({
      chunks: chunks.slice(count - kept),
      chunkCount: count,
      latest: count - 1,
    });
  });
});

describe('a reducer', () => {
  it('folds all chunks, kept or not', async () => {
    fake.setupStream('generate-report', [1, 2, 3]);
    const observer = observe({ initialValue: '', reducer: (text, chunk) => text + chunk, maxChunks: 0 });
    expect(observer.getSnapshot().value).toBe('');
    await observer.start();
    expect(observer.getSnapshot()).toMatchObject({ value: '123', chunks: [] });
    await observer.start();
    expect(observer.getSnapshot().value).toBe('123');
  });

  it('begins anew with the newest initial value', async () => {
    fake.setupStream('generate-report', [1]);
    const observer = observe<string>({ initialValue: 'a', reducer: (text, chunk) => text + chunk });
    await observer.start();
    observer.target = { ...observer.target, options: { ...observer.target.options, initialValue: 'b' } };
    observer.reset();
    expect(observer.getSnapshot()).toMatchObject({ value: 'b', chunks: [], isDone: false });
    await observer.start();
    expect(observer.getSnapshot().value).toBe('b1');
  });

  it('ends the stream where it throws', async () => {
    const observer = observe({
      initialValue: 0,
      reducer: () => {
        throw new Error('cannot add');
      },
    });
    const done = expect(observer.start()).rejects.toBeInstanceOf(AncpError);
    await report.push(1);
    await done;
    expect(observer.getSnapshot()).toMatchObject({
      isStreaming: false,
      error: { code: 'invalid_options', message: 'cannot add' },
    });
    expect(report.isStopped).toBe(true);
  });
});
