import { FakeAncpClient } from '@bizfirst/ancp-core';
import { act, fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react';
import { Profiler, type ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { AncpProvider, useAncpStream } from '../src/index.js';

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
});
const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;

it('shows a stream that the test steps chunk by chunk', async () => {
  const report = fake.driveStream<{ row: string }>('generate-report');
  function Report() {
    const { start, stop, chunks, latest, isStreaming, isDone, error } = useAncpStream<
      { year: number },
      { row: string }
    >('generate-report');
    return (
      <>
        <button type="button" onClick={() => void start({ year: 2026 })}>
          start
        </button>
        <button type="button" onClick={stop}>
          stop
        </button>
        <output>{`${chunks.map(({ row }) => row).join()} ${latest?.row ?? '-'} ${isStreaming} ${isDone} ${error?.code ?? '-'}`}</output>
      </>
    );
  }
  render(<Report />, { wrapper });
  const shows = (text: string) => waitFor(() => expect(screen.getByRole('status').textContent).toBe(text));
  fireEvent.click(screen.getByText('start'));
  await report.opened();
  await report.push({ row: 'a' });
  await shows('a a true false -');
  await report.push({ row: 'b' });
  await shows('a,b b true false -');
  await report.end();
  await shows('a,b b false true -');
  fireEvent.click(screen.getByText('start'));
  await report.push({ row: 'c' });
  await shows('c c true false -');
  fireEvent.click(screen.getByText('stop'));
  await shows('c c false false -');
  await waitFor(() => expect(report.isStopped).toBe(true));
});

it('commits once per frame, however many chunks there are', async () => {
  const TOTAL = 10_000;
  const PER_TURN = 100;
  fake.setupStream('numbers', async function* () {
    for (let n = 0; n < TOTAL; n++) {
      if (n % PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      yield n;
    }
  });
  let commits = 0;
  let frames = 0;
  const request = globalThis.requestAnimationFrame;
  const counting = vi.spyOn(globalThis, 'requestAnimationFrame').mockImplementation((callback) =>
    request((time) => {
      frames += 1;
      callback(time);
    }),
  );
  function Numbers() {
    const { start, chunkCount, value, isDone } = useAncpStream<undefined, number, number>('numbers', {
      initialValue: 0,
      reducer: (sum, n) => sum + n,
      maxChunks: 100,
    });
    return (
      <>
        <button type="button" onClick={() => void start()}>
          start
        </button>
        <output>{`${chunkCount} ${value} ${isDone}`}</output>
      </>
    );
  }
  render(
    <Profiler
      id="numbers"
      onRender={() => {
        commits += 1;
      }}
    >
      <Numbers />
    </Profiler>,
    { wrapper },
  );
  commits = 0;
  fireEvent.click(screen.getByText('start'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe(`10000 ${(TOTAL * (TOTAL - 1)) / 2} true`), {
    timeout: 8000,
  });
  expect(frames).toBeGreaterThan(2);
  // The start, and the end, which does not wait for a frame.
  expect(commits).toBeLessThanOrEqual(frames + 3);
  expect(commits).toBeLessThan(TOTAL / PER_TURN);
  counting.mockRestore();
});

it('ends the stream on unmount', async () => {
  const report = fake.driveStream<number>('generate-report');
  const { result, unmount } = renderHook(() => useAncpStream<undefined, number>('generate-report'), { wrapper });
  let done: Promise<void> | undefined;
  act(() => {
    done = result.current.start();
  });
  await report.opened();
  unmount();
  await done;
  await waitFor(() => expect(report.isStopped).toBe(true));
});

it('keeps its functions, and folds with the newest reducer', async () => {
  const report = fake.driveStream<number>('generate-report');
  const { result, rerender } = renderHook(
    ({ factor }) =>
      useAncpStream<undefined, number, number>('generate-report', {
        initialValue: 0,
        reducer: (sum, n) => sum + factor * n,
      }),
    { wrapper, initialProps: { factor: 1 } },
  );
  const { start, stop, reset } = result.current;
  act(() => void start());
  await report.push(1);
  await waitFor(() => expect(result.current.value).toBe(1));
  rerender({ factor: 10 });
  await report.push(1);
  await waitFor(() => expect(result.current.value).toBe(11));
  expect(result.current).toMatchObject({ start, stop, reset });
  act(() => stop());
});

it('works with timers of the test', async () => {
  vi.useFakeTimers();
  fake.setupStream('ticks', [1, 2], { delayMs: 1000 });
  const { result } = renderHook(() => useAncpStream<undefined, number>('ticks'), { wrapper });
  act(() => void result.current.start());
  await act(() => vi.advanceTimersByTimeAsync(1020));
  expect(result.current.chunks).toEqual([1]);
  await act(() => vi.advanceTimersByTimeAsync(1000));
  expect(result.current).toMatchObject({ chunks: [1, 2], isDone: true });
});
