import { FakeAncpClient } from '@bizfirst/ancp-core';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { AncpProvider, useAncpTask } from '../src/index.js';

let fake: FakeAncpClient;
beforeEach(() => {
  fake = new FakeAncpClient();
});
const wrapper = ({ children }: { children: ReactNode }) => <AncpProvider client={fake}>{children}</AncpProvider>;

it('drives a task through its states', async () => {
  const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
  const { result } = renderHook(() => useAncpTask<{ month: string }, { totalPaid: number }>('run-payroll'), {
    wrapper,
  });
  const { run, cancel } = result.current;
  let final: ReturnType<typeof run> | undefined;
  act(() => {
    final = run({ month: '2026-03' });
  });
  expect(result.current).toMatchObject({ isRunning: true, isPolling: false });
  await act(() => payroll.started());
  expect(result.current).toMatchObject({ isRunning: true, isPolling: true, taskId: 'task-1' });
  await act(() => payroll.progress(0.5, 'half'));
  await waitFor(() => expect(result.current).toMatchObject({ progress: 0.5, status: { message: 'half' } }));
  await act(async () => {
    await payroll.complete({ totalPaid: 12 });
    expect((await final)?.result).toEqual({ totalPaid: 12 });
  });
  expect(result.current).toMatchObject({
    status: { state: 'Completed' },
    isRunning: false,
    isPolling: false,
    run,
    cancel,
  });
});

it('cancels', async () => {
  const payroll = fake.driveTask('run-payroll');
  const { result } = renderHook(() => useAncpTask('run-payroll'), { wrapper });
  act(() => void result.current.run());
  await act(() => payroll.started());
  await act(async () => void (await result.current.cancel()));
  expect(payroll.state).toBe('Cancelled');
  await waitFor(() => expect(result.current).toMatchObject({ status: { state: 'Cancelled' }, isRunning: false }));
});

it('watches a known task, asking once in spite of effects that run twice', async () => {
  const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
  const taskId = await fake.startTask('run-payroll');
  const wait = vi.spyOn(fake, 'waitForTask');
  const { result, unmount } = renderHook(() => useAncpTask('run-payroll', { taskId, pollIntervalMs: 5 }), { wrapper });
  await waitFor(() => expect(result.current).toMatchObject({ taskId, isPolling: true, status: { state: 'Pending' } }));
  await act(() => payroll.progress(0.25));
  await waitFor(() => expect(result.current.progress).toBe(0.25));
  expect(wait).toHaveBeenCalledTimes(1);
  unmount();
  await expect(wait.mock.results[0]?.value).rejects.toMatchObject({ code: 'aborted' });
  expect(payroll.state).toBe('Running');
});

it('goes on with a task whose id it is then given', async () => {
  const payroll = fake.driveTask<{ totalPaid: number }>('run-payroll');
  const wait = vi.spyOn(fake, 'waitForTask');
  const { result, rerender } = renderHook(({ taskId }) => useAncpTask('run-payroll', { taskId }), {
    wrapper,
    initialProps: { taskId: undefined as string | undefined },
  });
  let taskId: string | undefined;
  await act(async () => {
    taskId = await result.current.start();
  });
  rerender({ taskId });
  await act(() => payroll.complete({ totalPaid: 1 }));
  await waitFor(() => expect(result.current.status?.state).toBe('Completed'));
  expect(wait).toHaveBeenCalledTimes(1);
  expect(fake.capturedCalls).toHaveLength(1);
});

it('keeps the newer task when the credential changes', async () => {
  const payroll = fake.driveTask('run-payroll');
  const taskId = await fake.startTask('run-payroll');
  let client: FakeAncpClient = fake;
  const { result, rerender } = renderHook(() => useAncpTask('run-payroll', { taskId }), {
    wrapper: ({ children }) => <AncpProvider client={client}>{children}</AncpProvider>,
  });
  await waitFor(() => expect(result.current.status?.state).toBe('Pending'));
  act(() => void result.current.run());
  await waitFor(() => expect(result.current.taskId).toBe('task-2'));
  client = new FakeAncpClient();
  rerender();
  await act(() => payroll.complete(null));
  await waitFor(() => expect(result.current).toMatchObject({ taskId: 'task-2', status: { state: 'Completed' } }));
});

it('tells of an unknown task', async () => {
  const { result } = renderHook(() => useAncpTask('run-payroll', { taskId: 'gone' }), { wrapper });
  await waitFor(() => expect(result.current).toMatchObject({ error: { code: 'task_not_found' }, isRunning: false }));
});

it('works with timers of the test', async () => {
  vi.useFakeTimers();
  fake.setupTask('run-payroll', [{ progress: 0.5 }, { result: null }]);
  const { result } = renderHook(() => useAncpTask('run-payroll'), { wrapper });
  act(() => void result.current.run(undefined, { pollIntervalMs: 2000 }));
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(result.current).toMatchObject({ isPolling: true, progress: 0.5 });
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(result.current).toMatchObject({ isPolling: false, status: { state: 'Completed' } });
});
